import LoadGenerator
import Peers

/// Everything that an administrator and other clients may do to a promptd at one time: 50 calls
/// under way, a reload, a purge, a batch, and somebody who watches.
final class Disturbance {
  private let background = Background()
  private let terminal: Terminal

  /// Starts all of it; the calls go on for so many seconds, the rest for as long as it takes.
  init(_ bench: Bench, _ daemon: Promptd, seconds: Double) throws {
    terminal = try Terminal(
      bench.installation.promptctl, ["top", "--socket", daemon.socket], in: bench.workspace)
    try startCalls(bench, daemon.endpoint, seconds)
    try startBatch(bench, daemon.socket)
    let endpoint = daemon.endpoint
    background.start {
      for request in [
        #"{"jsonrpc":"2.0","id":1,"method":"reload"}"#,
        #"{"jsonrpc":"2.0","id":2,"method":"cache.purge","params":{"model":"sandbox/echo"}}"#,
      ] {
        let answer = try Exchange.ask(request, endpoint)
        guard answer.contains(#""result":"#) else {
          throw PeerError.unexpected(program: "promptd", output: answer)
        }
      }
    }
  }

  /// Waits until all of it is done; throws what went wrong with it.
  func finish() throws {
    try background.finish()
    if let status = terminal.process.exitStatus {
      throw PeerError.ended(
        program: "promptctl top", status: status, lastWords: terminal.process.lastWords)
    }
    terminal.end()
  }

  /// 50 at any time, each of which takes 50 ms upstream.
  private func startCalls(_ bench: Bench, _ endpoint: Endpoint, _ seconds: Double) throws {
    let seeds = bench.freshSeeds(Int(seconds * 1200) + 50)
    let requests = try Prompts(model: "sandbox/slow?first_byte_ms=50").calls(seeds)
    var load = Load(endpoint, requests, .seconds(seconds))
    load.connections = 50
    background.start { [load] in _ = try load.run().checked() }
  }

  private func startBatch(_ bench: Bench, _ socket: String) throws {
    let file = bench.workspace["\(bench.workspace.freshName("batch")).jsonl"]
    let prompts = Prompts(model: "sandbox/slow?first_byte_ms=5")
    try Files.write(
      bench.freshSeeds(300).map { prompts.body($0) + "\n" }.joined(), to: file)
    let (workspace, program) = (bench.workspace, bench.installation.promptctl)
    background.start {
      _ = try workspace.run(
        program, ["batch", "--socket", socket, file, "-o", "\(file).answers"])
    }
  }
}

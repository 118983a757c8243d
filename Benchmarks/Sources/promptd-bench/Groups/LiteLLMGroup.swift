import Figures
import LoadGenerator
import Peers

/// Answers from memory, held against the LiteLLM proxy with its local cache, which speaks HTTP.
struct LiteLLMGroup: RowGroup {
  static let name = "litellm"
  /// Where it is installed, kept from run to run and removed with what was built.
  private static let folder =
    "/"
    + "\(#filePath)".split(separator: "/").dropLast(4).joined(separator: "/") + "/.build/litellm"

  func measure(_ bench: Bench, _ show: (Row) -> Void) throws {
    let proxy: LiteLLM
    do {
      proxy = try LiteLLM(
        upstream: try bench.nginx().port, folder: Self.folder, in: bench.workspace)
    } catch PeerError.notInstalled(let program) {
      return bench.leaveOut("hit ÷ LiteLLM", PeerError.notInstalled(program))
    }
    defer { proxy.end() }
    let daemon = try bench.promptd(PromptdSettings(upstream: try bench.upstream()))
    defer { daemon.end() }
    // Few, for it takes its time.
    let requests = try Prompts().bodies(bench.freshSeeds(20), as: .completions)
    for endpoint in [daemon.endpoint, proxy.endpoint] { try bench.warm(endpoint, requests) }
    let lines = try Prompts().calls(bench.freshSeeds(20))
    try bench.warm(daemon.endpoint, lines)
    for (name, ours, goal) in [
      ("lines", lines, Goal.atLeast(1000)), ("HTTP", requests, nil),
    ] {
      let rounds = try Rounds(
        bench.rounds,
        ours: { try bench.rate(daemon.endpoint, ours) },
        yardstick: { try rate(proxy.endpoint, requests) })
      show(
        Row(
          "hit, \(name), 50 connections ÷ LiteLLM's local cache", "/s", rounds, .ratio, goal))
    }
    show(
      Row(
        "memory ÷ LiteLLM's", try daemon.figures().residentMiB,
        against: try ProcessFigures(proxy.process.pid).residentMiB, "MiB"))
  }

  /// Longer than other sides, for in a second it answers about a hundred.
  private func rate(_ endpoint: Endpoint, _ requests: RequestBook) throws -> Double {
    var load = Load(endpoint, requests, .seconds(4))
    load.connections = HitGroup.connections
    return try load.run().checked().perSecond
  }
}

import Figures
import LoadGenerator
import Peers

/// What a promptd costs that has nothing to do.
struct IdleGroup: RowGroup {
  static let name = "idle"

  /// How long its wake-ups are counted, in seconds.
  var seconds: Int

  func measure(_ bench: Bench, _ show: (Row) -> Void) throws {
    let daemon = try bench.promptd(PromptdSettings(upstream: try bench.upstream()))
    defer { daemon.end() }
    show(Row("memory, idle", try daemon.figures().residentMiB, "MiB", .atMost(32)))
    show(Row("threads", Double(try daemon.figures().contextSwitches.count), ""))
    show(Row("wake-ups in \(seconds) s", try wakeUps(of: daemon), ""))
    let idle = try IdleConnections(1000, to: daemon.endpoint)
    _ = try Exchange.ask(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, daemon.endpoint)
    show(Row("wake-ups in \(seconds) s, 1000 idle connections", try wakeUps(of: daemon), ""))
    show(
      Row("memory, 1000 idle connections", try daemon.figures().residentMiB, "MiB"))
    withExtendedLifetime(idle) {}
  }

  private func wakeUps(of daemon: Promptd) throws -> Double {
    // What a start or a connection leaves to do is done by then.
    _ = daemon.process.wait(milliseconds: 2000)
    let before = try daemon.figures()
    if let status = daemon.process.wait(milliseconds: seconds * 1000) {
      throw PeerError.ended(
        program: "promptd", status: status, lastWords: daemon.process.lastWords)
    }
    return Double(try daemon.figures().wakeUps(since: before))
  }
}

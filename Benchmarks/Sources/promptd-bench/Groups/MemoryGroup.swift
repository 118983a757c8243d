import Figures
import LoadGenerator
import Peers

/// What promptd holds in memory: at rest, with many connections, and after much work.
struct MemoryGroup: RowGroup {
  static let name = "memory"
  private static let idleConnections = 10_000

  /// Requests of the mixed load.
  var requests: Int

  func measure(_ bench: Bench, _ show: (Row) -> Void) throws {
    var settings = PromptdSettings(upstream: try bench.upstream())
    // Small, so that it is full long before the load ends.
    settings.memory = "8MiB"
    let daemon = try bench.promptd(settings)
    defer { daemon.end() }
    show(Row("memory, idle", try daemon.figures().residentMiB, "MiB", .atMost(32)))
    show(try withIdleConnections(daemon))
    let first = try mixedLoad(bench, daemon, requests / 3)
    let last = try mixedLoad(bench, daemon, requests - requests / 3)
    var rounds = Rounds()
    rounds.add(ours: last, yardstick: first)
    // 5 % is what the allocator's own drift makes.
    show(
      Row(
        "memory, after \(requests) mixed requests ÷ after a third", "MiB", rounds, .ratio,
        .atMost(1.05)))
  }

  private func withIdleConnections(_ daemon: Promptd) throws -> Row {
    let idle = try IdleConnections(Self.idleConnections, to: daemon.endpoint)
    // An answer on a connection that came last: those before it have been accepted.
    _ = try Exchange.ask(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, daemon.endpoint)
    guard idle.quietCount == Self.idleConnections else {
      throw LoadError.failedAnswers(
        errors: 0, lost: Self.idleConnections - idle.quietCount, first: "an idle connection")
    }
    let memory = try daemon.figures().residentMiB
    return Row(
      "memory, \(Self.idleConnections) idle connections", memory, "MiB", .atMost(100))
  }

  /// One in four is new; lines and HTTP in turn. The memory afterwards, in MiB.
  private func mixedLoad(_ bench: Bench, _ daemon: Promptd, _ count: Int) throws -> Double {
    let batch = 20_000
    for start in stride(from: 0, to: count, by: batch) {
      let size = min(batch, count - start)
      let fresh = Array(bench.freshSeeds(size / 4 + 1))
      let seeds = (0..<size).map { fresh[$0 / 4] }
      let isHTTP = (start / batch).isMultiple(of: 2)
      let dialect = isHTTP ? Dialect.completions : .lines
      let requests =
        isHTTP
        ? try Prompts().bodies(seeds, as: dialect) : try Prompts().bodies(seeds, as: .lines)
      var load = Load(daemon.endpoint, requests, .requests(size))
      load.connections = 50
      _ = try load.run().checked()
    }
    return try daemon.figures().residentMiB
  }
}

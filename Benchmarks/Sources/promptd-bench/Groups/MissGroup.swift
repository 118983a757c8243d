import Figures
import LoadGenerator
import Peers

/// Requests that were never asked, called upstream and stored, held against libcurl alone with the
/// same upstream.
struct MissGroup: RowGroup {
  static let name = "miss"

  /// Whether calls are made one at a time too.
  var withLatency = true

  func measure(_ bench: Bench, _ show: (Row) -> Void) throws {
    let upstream = try bench.upstream()
    let daemon = try bench.promptd(PromptdSettings(upstream: upstream))
    defer { daemon.end() }
    let body = Array(Prompts().body(0).utf8)
    // About as long as the sides of other rows.
    let many = Int(bench.seconds * 10_000)
    let few = Int(bench.seconds * 1000)
    let throughput = try Rounds(
      bench.rounds,
      ours: { try misses(bench, daemon, many, connections: 50).perSecond },
      yardstick: {
        try FloorCalls.run(body, to: upstream, calls: many * 2, atATime: 50, in: bench.workspace)
          .perSecond
      })
    show(Row("miss, 50 in flight ÷ libcurl alone", "/s", throughput, .ratio, .atLeast(0.4)))
    guard withLatency else { return }
    let latency = try Rounds(
      bench.rounds,
      ours: { try misses(bench, daemon, few, connections: 1).latencies.percentile(50) },
      yardstick: {
        try FloorCalls.run(body, to: upstream, calls: few, atATime: 1, in: bench.workspace).median
      })
    show(Row("miss, one at a time, added p50", "µs", latency, .difference, .atMost(60)))
  }

  private func misses(
    _ bench: Bench, _ daemon: Promptd, _ count: Int, connections: Int
  ) throws -> LoadFigures {
    let warmUp = count / 10
    let requests = try Prompts().calls(bench.freshSeeds(count + warmUp))
    var load = Load(daemon.endpoint, requests, .requests(count))
    load.connections = connections
    load.warmUp = warmUp
    return try load.run().checked()
  }
}

import Figures
import LoadGenerator
import Peers

/// Hits over few and many connections, each with one request in flight.
struct ConnectionScaling: RowGroup {
  static let name = "connections"

  func measure(_ bench: Bench, _ show: (Row) -> Void) throws {
    let daemon = try bench.promptd(PromptdSettings(upstream: try bench.upstream()))
    defer { daemon.end() }
    let requests = try Prompts().calls(bench.freshSeeds(HitGroup.bodies))
    try bench.warm(daemon.endpoint, requests)
    for connections in [1, 1000, 10_000] {
      let rounds = try Rounds(
        bench.rounds,
        ours: { try bench.rate(daemon.endpoint, requests, connections: connections) },
        yardstick: { try bench.rate(daemon.endpoint, requests) })
      let name = "hit, \(connections) connection\(connections == 1 ? "" : "s") ÷ 50"
      show(Row(name, "/s", rounds, .ratio))
    }
  }
}

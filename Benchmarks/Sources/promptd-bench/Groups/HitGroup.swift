import Figures
import LoadGenerator
import Peers

/// Answers from memory over lines, held against a server that looks at nothing, and against Redis.
struct HitGroup: RowGroup {
  static let name = "hit"
  /// Different requests, which are asked in turn.
  static let bodies = 1000
  /// Connections of most rows.
  static let connections = 50

  /// Whether Redis is measured too.
  var withRedis = true

  func measure(_ bench: Bench, _ show: (Row) -> Void) throws {
    let daemon = try bench.promptd(PromptdSettings(upstream: try bench.upstream()))
    defer { daemon.end() }
    let seeds = bench.freshSeeds(Self.bodies)
    let requests = try Prompts().calls(seeds)
    try bench.warm(daemon.endpoint, requests)
    // The very bytes that promptd answers with.
    let call = Prompts().call(seeds.lowerBound)
    let answer = try Exchange.ask(call, daemon.endpoint)
    let floor = try FloorLines(answer: answer, in: bench.workspace)
    for (depth, target) in [(1, 0.5), (16, 0.6)] {
      let rounds = try Rounds(
        bench.rounds,
        ours: { try bench.rate(daemon.endpoint, requests, depth: depth) },
        yardstick: { try bench.rate(floor.endpoint, requests, depth: depth) })
      let name = "hit, lines, 50 connections, \(depth) in flight ÷ floor-lines"
      show(Row(name, "/s", rounds, .ratio, .atLeast(target)))
    }
    floor.end()
    guard withRedis else { return }
    do {
      show(try againstRedis(bench, daemon, requests, call, answer))
    } catch PeerError.notInstalled(let program) {
      bench.leaveOut("hit ÷ Redis", PeerError.notInstalled(program))
    }
  }

  private func againstRedis(
    _ bench: Bench, _ daemon: Promptd, _ requests: RequestBook, _ call: String, _ answer: String
  ) throws -> Row {
    let redis = try Redis(key: call, value: answer, in: bench.workspace)
    defer { redis.end() }
    // About as long as our side.
    let count = Int(bench.seconds * 150_000)
    let rounds = try Rounds(
      bench.rounds,
      ours: { try bench.rate(daemon.endpoint, requests) },
      yardstick: { try redis.getsPerSecond(count: count, connections: Self.connections) })
    return Row(
      "hit, lines, 50 connections ÷ Redis GET of the same bytes", "/s", rounds, .ratio,
      .atLeast(1.2))
  }
}

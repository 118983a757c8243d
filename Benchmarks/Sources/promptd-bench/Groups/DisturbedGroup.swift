import Figures
import LoadGenerator
import Peers

/// Latencies of hits at a fixed rate, while nothing else goes on and while everything does.
struct DisturbedGroup: RowGroup {
  static let name = "disturbed"

  /// Answers that are purged meanwhile.
  var purged: Int
  /// How long each side runs in a round, in seconds.
  var seconds: Double

  func measure(_ bench: Bench, _ show: (Row) -> Void) throws {
    let filled = try bench.filledCache(purged)
    var rounds: [String: Rounds] = [:]
    var rate: Double?
    for _ in 0..<bench.rounds {
      // A purge leaves nothing for the next round.
      var settings = PromptdSettings(upstream: try bench.sandbox().socket)
      settings.cacheFile = bench.workspace["\(bench.workspace.freshName("purged")).sqlite"]
      try Files.copy(filled, to: settings.cacheFile ?? "")
      let daemon = try bench.promptd(settings)
      defer { daemon.end() }
      let requests = try Prompts().calls(bench.freshSeeds(HitGroup.bodies))
      try bench.warm(daemon.endpoint, requests)
      // A third of what a closed loop reaches: the latencies are those of a server with room.
      let perSecond = try rate ?? bench.rate(daemon.endpoint, requests) / 3
      if rate == nil { show(Row("hits asked for", perSecond, "/s")) }
      rate = perSecond
      let quiet = try hits(daemon, requests, perSecond)
      let disturbance = try Disturbance(bench, daemon, seconds: seconds)
      let disturbed = try hits(daemon, requests, perSecond)
      try disturbance.finish()
      for (name, value) in Self.figures {
        rounds[name, default: Rounds()].add(ours: value(disturbed), yardstick: value(quiet))
      }
    }
    for (name, _) in Self.figures {
      show(Row("hit, \(name), disturbed ÷ quiet", "µs", rounds[name] ?? Rounds(), .ratio))
    }
  }

  private static let figures: [(String, @Sendable (LoadFigures) -> Double)] = [
    ("p50", { $0.latencies.percentile(50) }), ("p99", { $0.latencies.percentile(99) }),
    ("p99.9", { $0.latencies.percentile(99.9) }), ("longest", { $0.latencies.longest }),
  ]

  private func hits(
    _ daemon: Promptd, _ requests: RequestBook, _ perSecond: Double
  ) throws -> LoadFigures {
    var load = Load(daemon.endpoint, requests, .seconds(seconds))
    load.connections = HitGroup.connections
    load.pace = .open(perSecond: perSecond)
    load.warmUp = Int(perSecond / 10)
    return try load.run().checked()
  }
}

import Figures
import LoadGenerator
import Peers

/// Hits for short and long prompts, held against the hash of their bytes.
struct BodyScaling: RowGroup {
  static let name = "bodies"
  private static let sizes = [
    ("1 KiB", 1 << 10), ("16 KiB", 16 << 10), ("256 KiB", 256 << 10), ("8 MiB", 8 << 20),
  ]

  func measure(_ bench: Bench, _ show: (Row) -> Void) throws {
    let daemon = try bench.promptd(PromptdSettings(upstream: try bench.upstream()))
    defer { daemon.end() }
    for (name, bytes) in Self.sizes {
      let prompts = Prompts(bytes: bytes)
      // 8 MiB in all, or one prompt.
      let seeds = bench.freshSeeds(min(HitGroup.bodies, max(1, (8 << 20) / bytes)))
      let requests = try prompts.calls(seeds)
      try bench.warm(daemon.endpoint, requests)
      let body = Array(prompts.body(seeds.lowerBound).utf8)
      let rounds = try Rounds(
        bench.rounds,
        ours: { try rate(bench, daemon.endpoint, requests) },
        yardstick: { try SHA256Speed.perSecond(body, seconds: bench.seconds / 2) })
      show(Row("hit, a prompt of \(name), 4 connections ÷ its SHA-256", "/s", rounds, .ratio))
    }
  }

  private func rate(
    _ bench: Bench, _ endpoint: Endpoint, _ requests: RequestBook
  ) throws -> Double {
    var load = Load(endpoint, requests, .seconds(bench.seconds))
    load.connections = 4
    load.warmUp = 4
    return try load.run().checked().perSecond
  }
}

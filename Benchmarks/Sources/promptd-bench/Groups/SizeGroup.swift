import Figures
import LoadGenerator
import Peers

/// A very long prompt whose answer is in memory, held against the hash of its bytes: a cache must
/// read what it is asked at least once.
struct SizeGroup: RowGroup {
  static let name = "size"
  private static let bytes = 8 << 20

  func measure(_ bench: Bench, _ show: (Row) -> Void) throws {
    let daemon = try bench.promptd(PromptdSettings(upstream: try bench.upstream()))
    defer { daemon.end() }
    let prompts = Prompts(bytes: Self.bytes)
    let seed = bench.freshSeeds(1)
    let requests = try prompts.calls(seed)
    try bench.warm(daemon.endpoint, requests)
    let body = Array(prompts.body(seed.lowerBound).utf8)
    let rounds = try Rounds(
      bench.rounds,
      ours: {
        var load = Load(daemon.endpoint, requests, .seconds(bench.seconds))
        load.warmUp = 2
        return try load.run().checked().perSecond
      },
      yardstick: { try SHA256Speed.perSecond(body, seconds: bench.seconds / 2) })
    show(Row("hit, a prompt of 8 MiB ÷ its SHA-256", "/s", rounds, .ratio, .atLeast(0.5)))
  }
}

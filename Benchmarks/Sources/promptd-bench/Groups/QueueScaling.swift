import Figures
import LoadGenerator
import Peers

/// Hits while requests wait for an upstream that does not answer, and how fast requests queue.
struct QueueScaling: RowGroup {
  static let name = "queue"

  func measure(_ bench: Bench, _ show: (Row) -> Void) throws {
    let quiet = try daemon(bench)
    defer { quiet.end() }
    let requests = try Prompts().calls(bench.freshSeeds(HitGroup.bodies))
    try bench.warm(quiet.endpoint, requests)
    for queued in [10_000, 100_000] {
      let busy = try daemon(bench)
      defer { busy.end() }
      try bench.warm(busy.endpoint, requests)
      let parked = try WaitingRequests(bench, queued, on: busy)
      let rounds = try Rounds(
        bench.rounds,
        ours: { try bench.rate(busy.endpoint, requests) },
        yardstick: { try bench.rate(quiet.endpoint, requests) })
      show(Row("hit, \(queued) requests queued ÷ none", "/s", rounds, .ratio))
      withExtendedLifetime(parked) {}
    }
    for queued in [1000, 10_000] { try show(queueing(bench, queued)) }
  }

  /// One upstream for hits, and one for what waits, which has never answered.
  private func daemon(_ bench: Bench) throws -> Promptd {
    var settings = PromptdSettings(upstream: try bench.upstream())
    settings.upstreams.insert(("sandbox/*", try bench.sandbox().socket), at: 0)
    settings.queued = 1_000_000
    settings.inFlight = 100_000
    return try bench.promptd(settings)
  }

  /// Requests that join a queue a second, where promptd knows how long a call takes and so can
  /// tell each how long it will wait.
  private func queueing(_ bench: Bench, _ count: Int) throws -> Row {
    let rounds = try Rounds(
      bench.rounds,
      ours: {
        let daemon = try daemon(bench)
        defer { daemon.end() }
        let answered = try Prompts(model: "sandbox/echo").calls(bench.freshSeeds(10))
        try bench.warm(daemon.endpoint, answered)
        return try WaitingRequests(bench, count, on: daemon).perSecond
      })
    return Row("requests queued, \(count) after a few answers", "/s", rounds, .value)
  }
}

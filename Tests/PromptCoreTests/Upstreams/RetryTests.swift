import Testing

@testable import PromptCore

/// How often, and how soon, a call is made again.
@Suite struct RetryTests {
  private func time(_ seconds: Double) -> MonotonicTime {
    MonotonicTime(nanoseconds: Int64(seconds * 1e9))
  }

  // MARK: Backoff

  @Test func theWaitIsAnythingBelowATimeThatDoubles() {
    let policy = RetryPolicy()
    var dice = Dice(seed: 1)
    for (tries, ceiling) in [
      (1, 500), (2, 1000), (3, 2000), (6, 16_000), (7, 30_000), (90, 30_000),
    ] {
      let waits = (0..<2000).map { _ in policy.backoff(after: tries, &dice) }
      let most = Duration.milliseconds(ceiling)
      #expect(waits.allSatisfy { $0 >= .zero && $0 < most })
      #expect(waits.contains { $0 < most / 10 } && waits.contains { $0 > most * 9 / 10 })
      let mean = waits.reduce(.zero, +) / 2000
      #expect(mean > most * 45 / 100 && mean < most * 55 / 100)
    }
  }

  // MARK: Budget

  /// How many further tries a budget has at a time in seconds.
  private func tries(_ budget: inout RetryBudget, at seconds: Double) -> Int {
    (0..<100).count { _ in budget.take(now: time(seconds)) }
  }

  @Test func threeAMinuteAreAlwaysAllowed() {
    var budget = RetryBudget(share: 0.2)
    budget.noteCall(now: time(0))
    let all = [1, 60.5, 61].map { tries(&budget, at: $0) }
    #expect(all == [3, 0, 3])
  }

  @Test func afterThatAFifthOfTheCallsOfTheLastMinute() {
    var budget = RetryBudget(share: 0.2)
    for second in 0..<50 { for _ in 0..<2 { budget.noteCall(now: time(Double(second))) } }
    // Half of the calls are more than a minute old by the second time, and no tries are.
    let all = [50, 84, 110].map { tries(&budget, at: $0) }
    #expect(all == [20, 0, 3])
  }

  @Test func aLongSilenceForgetsEverything() {
    var count = MinuteCount()
    for second in 0..<200 { count.add(now: time(Double(second))) }
    var counts = [199, 100_000].map { count.count(now: time($0)) }
    count.add(now: time(100_000))
    counts += [100_059.9, 100_060].map { count.count(now: time($0)) }
    #expect(counts == [60, 0, 1, 0])
  }

  // MARK: Which faults

  @Test func whatMayPassIsTriedAgainAndNothingElse() {
    let passing: [CallFault.Kind] =
      [.connect, .reset, .cut] + [408, 425, 429, 500, 502, 503, 504].map { .status($0) }
    let lasting: [CallFault.Kind] =
      [.untrusted, .stalled, .strange, .tooLarge, .own]
      + [400, 401, 402, 403, 404, 405, 409, 410, 413, 422, 501, 505, 511].map { .status($0) }
    for kind in passing { #expect(CallFault.make(kind).mayPass, "\(kind)") }
    for kind in lasting { #expect(!CallFault.make(kind).mayPass, "\(kind)") }
  }

  @Test func theBreakerCountsWhatTheUpstreamCouldNotDo() {
    let failures: [CallFault.Kind] =
      [.connect, .untrusted, .reset, .cut, .stalled]
      + [500, 501, 502, 503, 504].map { .status($0) }
    let answers: [CallFault.Kind] =
      [.strange, .tooLarge] + [400, 401, 403, 404, 408, 429].map { .status($0) }
    for kind in failures { #expect(CallFault.make(kind).verdict == .failed, "\(kind)") }
    for kind in answers { #expect(CallFault.make(kind).verdict == .alive, "\(kind)") }
    #expect(CallFault.make(.own).verdict == .nothing)
  }
}

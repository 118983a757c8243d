import Testing

@testable import PromptCore

/// When calls to an upstream stop, and how they come back.
@Suite final class BreakerTests {
  private var breaker = Breaker(BreakerPolicy())
  private var lastFlight: UInt64 = 0

  private func time(_ seconds: Double) -> MonotonicTime {
    MonotonicTime(nanoseconds: Int64(seconds * 1e9))
  }

  /// A call begins and ends at a time in seconds.
  @discardableResult
  private func call(
    _ verdict: CallFault.Verdict, at seconds: Double, slots: Int = 8
  ) -> Breaker.Change? {
    lastFlight += 1
    let flight = FlightID(rawValue: lastFlight)
    _ = breaker.began(flight)
    return breaker.ended(flight, verdict, slots: slots, now: time(seconds))
  }

  private func mayStart(at seconds: Double) -> Bool {
    breaker.hindrance(now: time(seconds)) == nil
  }

  /// How many calls may run at a time; 100 is no limit but the slots.
  private func most(at seconds: Double) -> Int {
    var begun: [FlightID] = []
    while begun.count < 100, mayStart(at: seconds) {
      lastFlight += 1
      begun.append(FlightID(rawValue: lastFlight))
      _ = breaker.began(begun[begun.count - 1])
    }
    for flight in begun { _ = breaker.ended(flight, .nothing, slots: 8, now: time(seconds)) }
    return begun.count
  }

  @Test func fiveFailuresInARowOpenIt() {
    for _ in 1...4 { #expect(call(.failed, at: 0) == nil) }
    #expect(call(.alive, at: 0) == nil)
    for _ in 1...4 { #expect(call(.failed, at: 0) == nil) }
    #expect(mayStart(at: 0))
    #expect(call(.failed, at: 1) == .opened(.seconds(10)))
    #expect(breaker.hindrance(now: time(1)) == .until(time(11)))
  }

  @Test func whatSaysNothingCountsForNothing() {
    for _ in 1...4 { call(.failed, at: 0) }
    #expect(call(.nothing, at: 0) == nil)
    #expect(call(.failed, at: 0) != nil)
  }

  @Test func oneCallAtATimeGoesThroughToSee() {
    for _ in 1...5 { call(.failed, at: 0) }
    #expect(!mayStart(at: 9.9))
    #expect(mayStart(at: 10))
    let isToSee = breaker.began(FlightID(rawValue: 100))
    #expect(isToSee)
    #expect(breaker.hindrance(now: time(1000)) == .untilReleased)
  }

  @Test func eachThatFailsDoublesTheWaitUpToAnEnd() {
    for _ in 1...5 { call(.failed, at: 0) }
    var waits: [Duration] = []
    for hour in 1...7 {
      if case .opened(let wait) = call(.failed, at: Double(hour) * 3600) { waits.append(wait) }
    }
    #expect(waits == [20, 40, 80, 160, 300, 300, 300].map { .seconds($0) })
    #expect(call(.alive, at: 90_000) == .closed)
    for _ in 1...4 { call(.failed, at: 90_000) }
    #expect(call(.failed, at: 90_000) == .opened(.seconds(10)), "it begins anew")
  }

  @Test func whatBeganBeforeItOpenedDecidesNothing() {
    for _ in 1...5 { call(.failed, at: 0) }
    let early = FlightID(rawValue: 200)
    let whileOpen = breaker.ended(early, .alive, slots: 8, now: time(1))
    #expect(whileOpen == nil && !mayStart(at: 1))
    _ = breaker.began(FlightID(rawValue: 100))
    let whileOneSees = breaker.ended(early, .alive, slots: 8, now: time(11))
    #expect(whileOneSees == nil)
    #expect(breaker.state == .probing(FlightID(rawValue: 100)))
  }

  @Test func norDoesItAfterwardsHoweverLongItTakes() {
    let old = (900...907).map { FlightID(rawValue: $0) }
    for flight in old { _ = breaker.began(flight) }
    for _ in 1...5 { call(.failed, at: 0) }
    call(.alive, at: 10)
    #expect(most(at: 10) == 1, "they take no place of those that come back")
    for flight in old {
      #expect(breaker.ended(flight, .failed, slots: 8, now: time(120)) == nil)
    }
    #expect(breaker.failures == 0)
  }

  @Test func anotherPolicyHoldsForWhatIsWaitedNow() {
    for _ in 1...5 { call(.failed, at: 0) }
    var policy = BreakerPolicy()
    policy.probeAfter = .seconds(1)
    breaker.reconfigured(policy, now: time(2))
    #expect(breaker.hindrance(now: time(2)) == .until(time(3)))
    #expect(call(.failed, at: 3) == .opened(.seconds(1)))
  }

  @Test func whenTheOneIsGivenUpAnotherGoesAtOnce() {
    for _ in 1...5 { call(.failed, at: 0) }
    call(.nothing, at: 10)
    #expect(mayStart(at: 10))
  }

  @Test func theCallsComeBackByAndBy() {
    for _ in 1...5 { call(.failed, at: 0) }
    call(.alive, at: 10, slots: 4)
    var all: [Int] = []
    for second in 11...14 {
      all.append(most(at: Double(second)))
      call(.alive, at: Double(second), slots: 4)
    }
    #expect(all == [1, 2, 3, 100])
  }

  @Test func aFailureMeanwhileHalvesThem() {
    for _ in 1...5 { call(.failed, at: 0) }
    for second in 10...14 { call(.alive, at: Double(second)) }
    #expect(breaker.state == .closed(most: 5))
    call(.failed, at: 15)
    #expect(breaker.state == .closed(most: 2))
    call(.failed, at: 15)
    call(.failed, at: 15)
    #expect(breaker.state == .closed(most: 1), "one at least")
  }

  @Test func whoeverLooksAfterItCanHaveItTriedNow() {
    for _ in 1...5 { call(.failed, at: 0) }
    breaker.hasten(now: time(1))
    #expect(mayStart(at: 1))
    #expect(call(.failed, at: 1) == .opened(.seconds(20)))
  }
}

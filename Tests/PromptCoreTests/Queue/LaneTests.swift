import PromptCore
import PromptProtocol
import Testing

@Suite struct LaneTests {
  private func lane(slots: Int, change: (inout UpstreamPolicy) -> Void = { _ in }) -> Lane {
    var policy = UpstreamPolicy(name: "a")
    policy.maxConcurrent = slots
    change(&policy)
    return Lane(policy: policy, origin: "https://a/v1")
  }

  private func flight(_ number: UInt64) -> FlightID { FlightID(rawValue: number) }

  /// Starts all that may start at a moment in seconds, and returns how many did.
  private func start(_ lane: inout Lane, at seconds: Double = 0) -> Int {
    var minute = SlidingMinute(limit: nil)
    var count = 0
    let now = MonotonicTime.seconds(seconds)
    while let next = lane.next(QueuePolicy(), now: now, hindrance: { _, _ in nil }) {
      lane.grant(
        next, flight(next.request.number), clientReceipt: minute.take(0, now: now), now: now)
      count += 1
    }
    return count
  }

  private func fill(_ lane: inout Lane, _ count: UInt64, _ priority: PriorityClass = .normal) {
    for number in 0..<count { lane.queue.add(number, priority, at: 0) }
  }

  @Test(arguments: [
    (PriorityClass.idle, 16, 8), (.low, 16, 12), (.normal, 16, 16), (.urgent, 16, 16),
    (.idle, 1, 1), (.low, 1, 1), (.idle, 3, 1), (.low, 3, 2),
  ])
  func aClassHoldsNoMoreThanItsShareAndOneAtLeast(
    _ priority: PriorityClass, _ slots: Int, _ most: Int
  ) {
    var lane = lane(slots: slots)
    fill(&lane, 20, priority)
    #expect(start(&lane) == most)
  }

  @Test func theUrgentFindsASlotBesideALongBatch() {
    var lane = lane(slots: 4)
    fill(&lane, 20, .low)
    #expect(start(&lane) == 3)
    lane.queue.add(99, .urgent, at: 0)
    #expect(start(&lane) == 1)
    #expect(lane.running[flight(99)]?.priority == .urgent)
  }

  @Test func aSlotIsTakenBackOnce() {
    var lane = lane(slots: 1)
    fill(&lane, 2)
    #expect(start(&lane) == 1)
    let released = [0, 0, 1].map { lane.release(flight($0), used: nil) != nil }
    #expect(released == [true, false, false])
    #expect(start(&lane) == 1)
    #expect(lane.running[flight(1)]?.priority == .normal)
  }

  @Test func aPausedLaneStartsNothingUntilItMayAgain() {
    var lane = lane(slots: 2)
    fill(&lane, 2)
    lane.isPaused = true
    #expect(start(&lane) == 0)
    #expect(lane.opens == nil)
    lane.isPaused = false
    #expect(start(&lane) == 2)
  }

  // MARK: Limits on time

  @Test func noMinuteHoldsMoreRequestsThanAllowed() {
    var lane = lane(slots: 100) { $0.requestsPerMinute = 3 }
    fill(&lane, 10)
    #expect(start(&lane, at: 0) == 3)
    #expect(lane.opens == .seconds(60))
    #expect(start(&lane, at: 59.9) == 0)
    #expect(start(&lane, at: 60) == 3)
  }

  @Test func tokensAreTakenByEstimateAndPutRightByTheCall() {
    var lane = lane(slots: 100) { $0.tokensPerMinute = 250 }
    fill(&lane, 10)
    #expect(start(&lane, at: 0) == 2)
    #expect(lane.opens == .seconds(60))
    _ = lane.release(flight(0), used: 20)
    #expect(start(&lane, at: 1) == 1)
    _ = lane.release(flight(1), used: 1000)
    #expect(start(&lane, at: 2) == 0)
  }

  @Test func whatIsLargerThanTheLimitStartsAlone() {
    var lane = lane(slots: 100) { $0.tokensPerMinute = 50 }
    fill(&lane, 2)
    #expect(start(&lane, at: 0) == 1)
    #expect(start(&lane, at: 59) == 0)
    #expect(start(&lane, at: 60) == 1)
  }

  // MARK: Expectations

  @Test func theMeanFollowsTheCalls() {
    var lane = lane(slots: 2)
    #expect(lane.meanCall == nil)
    #expect(lane.interval(for: .normal, QueuePolicy()) == nil)
    lane.noteCall(milliseconds: 800)
    lane.noteCall(milliseconds: 1600)
    #expect(lane.meanCall == 1200)
    #expect(lane.interval(for: .normal, QueuePolicy()) == 600)
    #expect(lane.interval(for: .idle, QueuePolicy()) == 1200)
  }

  @Test func theWaitIsThatOfTheSlotsOrOfTheLimitsWhicheverIsLonger() {
    let shares = QueuePolicy()
    var plain = lane(slots: 2)
    #expect(plain.eta(of: 10, .normal, shares, now: .seconds(0)) == nil)
    plain.noteCall(milliseconds: 1000)
    #expect(plain.eta(of: 10, .normal, shares, now: .seconds(0)) == 5000)
    #expect(plain.eta(of: 10, .low, shares, now: .seconds(0)) == 10_000)
    plain.isPaused = true
    #expect(plain.eta(of: 10, .normal, shares, now: .seconds(0)) == nil)
    var limited = lane(slots: 2) { $0.requestsPerMinute = 6 }
    limited.noteCall(milliseconds: 1000)
    // Six may start at once, and the next six a minute later.
    #expect(limited.eta(of: 6, .normal, shares, now: .seconds(0)) == 3000)
    #expect(limited.eta(of: 10, .normal, shares, now: .seconds(0)) == 60_000)
    #expect(limited.eta(of: 13, .normal, shares, now: .seconds(0)) == 120_000)
  }
}

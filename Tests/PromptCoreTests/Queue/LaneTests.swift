import PromptCore
import PromptProtocol
import Testing

@Suite struct LaneTests {
  private func lane(slots: Int) -> Lane {
    var policy = UpstreamPolicy(name: "a")
    policy.maxConcurrent = slots
    return Lane(policy: policy, origin: "https://a/v1")
  }

  private func flight(_ number: UInt64) -> FlightID { FlightID(rawValue: number) }

  /// Starts all that may start, each counted in `priority`, and returns how many did.
  private func start(_ lane: inout Lane, _ priority: PriorityClass) -> Int {
    var count = 0
    while let next = lane.next(QueuePolicy()) {
      lane.grant(next, ownClass: priority)
      count += 1
    }
    return count
  }

  @Test(arguments: [
    (PriorityClass.idle, 16, 8), (.low, 16, 12), (.normal, 16, 16), (.urgent, 16, 16),
    (.idle, 1, 1), (.low, 1, 1), (.idle, 3, 1), (.low, 3, 2),
  ])
  func aClassHoldsNoMoreThanItsShareAndOneAtLeast(
    _ priority: PriorityClass, _ slots: Int, _ most: Int
  ) {
    var lane = lane(slots: slots)
    for number in 0..<20 as Range<UInt64> { lane.queue.insert(flight(number), priority) }
    #expect(start(&lane, priority) == most)
  }

  @Test func theUrgentFindsASlotBesideALongBatch() {
    var lane = lane(slots: 4)
    for number in 0..<20 as Range<UInt64> { lane.queue.insert(flight(number), .low) }
    #expect(start(&lane, .low) == 3)
    lane.queue.insert(flight(99), .urgent)
    #expect(lane.next(QueuePolicy()) == flight(99))
  }

  @Test func aSlotIsTakenBackOnce() {
    var lane = lane(slots: 1)
    lane.queue.insert(flight(1), .normal)
    lane.queue.insert(flight(2), .normal)
    #expect(start(&lane, .normal) == 1)
    let released = [1, 1, 2].map { lane.release(flight($0)) }
    #expect(released == [true, false, false])
    #expect(start(&lane, .normal) == 1)
    #expect(lane.running[flight(2)] == .normal)
  }

  @Test func theMeanFollowsTheCallsAndTellsWhenToTryAgain() {
    var lane = lane(slots: 2)
    #expect(lane.meanCall == nil && lane.retryAfter == 1)
    lane.noteCall(milliseconds: 800)
    lane.noteCall(milliseconds: 1600)
    #expect(lane.meanCall == 900)
    for number in 0..<10 as Range<UInt64> { lane.queue.insert(flight(number), .normal) }
    // Ten wait for two slots: five calls one after the other.
    #expect(lane.retryAfter == 5)
  }
}

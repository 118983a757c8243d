package import PromptProtocol

/// One upstream as the queue sees it: slots, who holds them, and who waits for one.
package struct Lane: Sendable {
  package let policy: UpstreamPolicy
  /// The `base_url`: what its answers are recorded under.
  package let origin: String
  package var queue = LaneQueue()
  /// The class of each flight that holds a slot: its own, not one that it was lifted to.
  package private(set) var running: [FlightID: PriorityClass] = [:]
  /// How many slots each class holds.
  private var held = ClassCounts()
  /// The running mean of a call's length in milliseconds; nil before the first.
  package private(set) var meanCall: Double?

  package init(policy: UpstreamPolicy, origin: String) {
    self.policy = policy
    self.origin = origin
  }

  /// Takes the next flight that may have a slot out of the queue; nil when there is no slot, or
  /// nobody to have it. The flight must be given the slot with `grant`.
  package mutating func next(_ shares: QueuePolicy) -> FlightID? {
    let slots = policy.maxConcurrent
    guard running.count < slots else { return nil }
    let held = held
    return queue.next { held[$0] < shares.slots(for: $0, of: slots) }
  }

  /// Gives a slot to a flight that `next` took out, which counts by its leader's own class.
  package mutating func grant(_ flight: FlightID, ownClass: PriorityClass) {
    running[flight] = ownClass
    held[ownClass] += 1
  }

  /// Takes a slot back; false when the flight held none, so that no slot is freed twice.
  package mutating func release(_ flight: FlightID) -> Bool {
    guard let ownClass = running.removeValue(forKey: flight) else { return false }
    held[ownClass] -= 1
    return true
  }

  /// Learns how long a call took, in milliseconds.
  package mutating func noteCall(milliseconds: Int) {
    let length = Double(milliseconds)
    // An eighth for the newest is what TCP uses for round trips (RFC 6298).
    meanCall = meanCall.map { $0 + (length - $0) / 8 } ?? length
  }

  /// Milliseconds until whoever is at this place, from 1, is likely to start; nil before the first
  /// call has ended.
  package func eta(of position: Int) -> Int? {
    meanCall.map { Int(Double(position) * $0 / Double(max(1, policy.maxConcurrent))) }
  }

  /// Seconds until a place in the queue is likely to be free, at least one.
  package var retryAfter: Double {
    let calls = Double(queue.count) / Double(max(1, policy.maxConcurrent))
    return max(1, (calls * (meanCall ?? 1000) / 1000).rounded(.up))
  }
}

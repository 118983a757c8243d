package import PromptProtocol

/// One upstream as the queue sees it: slots, who holds them, who waits for one, and what it may be
/// asked for in a minute.
package struct Lane: Sendable {
  /// The right to one call. It is given out once, and taken back once.
  package struct Slot: Equatable, Sendable {
    /// Who is charged for the call.
    package var client: ClientID
    /// What it counts for: its own class, not one that it was lifted to.
    package var priority: PriorityClass
    /// The tokens that the call was likely to take.
    package var tokens: Int
    /// What to correct once the tokens are known.
    package var laneReceipt: SlidingMinute.Receipt
    package var clientReceipt: SlidingMinute.Receipt
  }

  package private(set) var policy: UpstreamPolicy
  /// The `base_url`: what its answers are recorded under.
  package let origin: String
  package var queue: LaneQueue
  /// Whether an administrator has stopped it from starting calls.
  package var isPaused = false
  package internal(set) var health: LaneHealth
  /// Its upstream is configured no more: nothing new comes here.
  var isRetired = false
  /// Flights that wait here and may do better elsewhere: each is to be looked at.
  var leaving: [FlightID] = []
  /// The slots that are held, by flight.
  package private(set) var running: [FlightID: Slot] = [:]
  /// When the next call may start that only time keeps; nil when none does.
  package private(set) var opens: MonotonicTime?
  /// The running mean of a call's length in milliseconds; nil before the first.
  package private(set) var meanCall: Double?
  private var requests: SlidingMinute
  private var tokens: SlidingMinute
  /// How many slots each class holds.
  private var held = ClassCounts()
  private var callCount = 0.0

  package init(policy: UpstreamPolicy, origin: String, ageStep: Duration = .seconds(60)) {
    self.policy = policy
    self.origin = origin
    health = LaneHealth(policy)
    queue = LaneQueue(ageStep: ageStep)
    requests = SlidingMinute(limit: policy.requestsPerMinute)
    tokens = SlidingMinute(limit: policy.tokensPerMinute)
  }

  /// Whether it is kept from being called by what it did, and not by its slots.
  package func isHeldBack(now: Moment) -> Bool {
    health.condition(now: now.monotonic) != .serving
  }

  /// Takes over a changed configuration.
  mutating func reconfigured(_ policy: UpstreamPolicy, now: MonotonicTime) {
    self.policy = policy
    health.reconfigured(policy, now: now)
    requests.limit = policy.requestsPerMinute
    tokens.limit = policy.tokensPerMinute
  }

  /// Whether a further request does well to wait here: the upstream does not fail, or it is time to
  /// see whether it still does and nobody else is there to.
  func isWelcoming(now: MonotonicTime) -> Bool {
    if health.breaker.isClosed { return true }
    return queue.count == 0 && health.breaker.hindrance(now: now) == nil
  }

  // MARK: Slots

  /// The next request that may have a slot now; nil when there is no slot, or nobody to have it. It
  /// must be given the slot with `grant`.
  package mutating func next(
    _ shares: QueuePolicy, now: MonotonicTime, hindrance: (ClientID, Int) -> Hindrance?
  ) -> LaneQueue.Candidate? {
    opens = nil
    guard queue.count > 0, !isPaused, running.count < policy.maxConcurrent else { return nil }
    switch health.hindrance(now: now) {
    case nil: break
    case .until(let time):
      opens = time
      return nil
    case .untilReleased: return nil
    }
    if let time = requests.whenFree(1, now: now) {
      opens = time
      return nil
    }
    defer { lookAgainAtLift(now) }
    let held = held
    let pick = queue.pick(
      now: now, open: { held[$0] < shares.slots(for: $0, of: policy.maxConcurrent) },
      hindrance: hindrance)
    // Whoever is next waits for its tokens, or a large request would wait for ever behind small ones.
    let time = pick.next.flatMap { tokens.whenFree($0.tokens, now: now) }
    if let next = pick.next, time == nil { return next }
    opens = [time, pick.opens].compactMap(\.self).min()
    return nil
  }

  /// While somebody waits for tokens, another may be lifted before it who wants fewer.
  private mutating func lookAgainAtLift(_ now: MonotonicTime) {
    guard let opens, let lift = queue.nextLift(now: now) else { return }
    self.opens = min(opens, lift)
  }

  /// Gives the slot to a flight, in the turn of the request that `next` named.
  package mutating func grant(
    _ next: LaneQueue.Candidate, _ flight: FlightID, clientReceipt: SlidingMinute.Receipt,
    now: MonotonicTime
  ) {
    queue.take(next, now: now)
    _ = requests.take(1, now: now)
    running[flight] = Slot(
      client: next.client, priority: next.priority, tokens: next.tokens,
      laneReceipt: tokens.take(next.tokens, now: now), clientReceipt: clientReceipt)
    held[next.priority] += 1
  }

  /// Takes a slot back; nil when the flight holds none, so that no slot is freed twice. `used` are
  /// the tokens that the call took, nil where nobody knows.
  package mutating func release(_ flight: FlightID, used: Int?) -> Slot? {
    guard let slot = running.removeValue(forKey: flight) else { return nil }
    held[slot.priority] -= 1
    if let used { tokens.correct(slot.laneReceipt, to: used) }
    return slot
  }

  /// Learns how long a call took, in milliseconds.
  package mutating func noteCall(milliseconds: Int) {
    // The mean of the first calls, and then of about the last thirty-two.
    callCount = min(callCount + 1, 32)
    let mean = meanCall ?? 0
    meanCall = mean + (Double(milliseconds) - mean) / callCount
  }

  // MARK: What is to be expected

  /// Milliseconds from one start to the next under full load, for a class; nil before the first
  /// call has ended.
  package func interval(for priority: PriorityClass, _ shares: QueuePolicy) -> Double? {
    guard let meanCall else { return nil }
    let slots = Double(max(1, shares.slots(for: priority, of: policy.maxConcurrent)))
    let byRequests = policy.requestsPerMinute.map { 60_000 / Double($0) } ?? 0
    return max(meanCall / slots, byRequests, meanTokens * tokenTime)
  }

  /// Milliseconds until whoever is at this place, from 1, is likely to start; nil where that cannot
  /// be told: before the first call has ended, and while the lane is paused or failing.
  package func eta(
    of position: Int, _ priority: PriorityClass, _ shares: QueuePolicy, now: MonotonicTime
  ) -> Int? {
    guard let meanCall, !isPaused, health.breaker.isClosed else { return nil }
    let slots = Double(max(1, shares.slots(for: priority, of: policy.maxConcurrent)))
    let bySlots = Int(min(Double(position) * meanCall / slots, 1e15))
    let tokensAhead = Int(min(Double(position) * meanTokens, 1e15))
    let byLimits = [
      requests.whenThrough(position, now: now), tokens.whenThrough(tokensAhead, now: now),
      health.heldUntil.map { max($0, now) },
    ]
    return byLimits.compactMap { $0?.milliseconds(since: now) }.reduce(bySlots, max)
  }

  private var meanTokens: Double {
    queue.count == 0 ? 0 : Double(queue.tokens) / Double(queue.count)
  }

  /// Milliseconds that one token takes of the limit.
  private var tokenTime: Double { policy.tokensPerMinute.map { 60_000 / Double($0) } ?? 0 }
}

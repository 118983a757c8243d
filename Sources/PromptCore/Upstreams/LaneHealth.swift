import PromptProtocol

/// How an upstream has been doing, and whether it may be called.
package struct LaneHealth: Sendable {
  package private(set) var breaker: Breaker
  /// Until when the upstream wants no call; nil, or a time that has passed, when it has not said so.
  package private(set) var heldUntil: MonotonicTime?
  /// It has refused the key, and accepted it not since.
  package private(set) var isKeyRejected = false
  /// What the last call failed of, in words that hold no key; nil once one has not.
  package private(set) var trouble: String?
  /// Calls that have begun, those that failed and were tried again, and pauses that were asked for.
  package private(set) var calls = 0
  package private(set) var retries = 0
  package private(set) var pauses = 0
  private var budget: RetryBudget

  /// No upstream is taken at its word for longer than this: whoever looks after it can end the wait.
  private static let longestHold = 86_400.0

  init(_ policy: UpstreamPolicy) {
    breaker = Breaker(policy.breaker)
    budget = RetryBudget(share: policy.retry.budget)
  }

  /// Takes over a changed configuration. Whether the key is good is to be seen.
  mutating func reconfigured(_ policy: UpstreamPolicy, now: MonotonicTime) {
    breaker.reconfigured(policy.breaker, now: now)
    budget.share = policy.retry.budget
    isKeyRejected = false
  }

  /// What keeps a call from starting; nil when nothing does.
  func hindrance(now: MonotonicTime) -> Hindrance? {
    if let heldUntil, heldUntil > now { return .until(heldUntil) }
    return breaker.hindrance(now: now)
  }

  /// A call begins.
  mutating func began(_ flight: FlightID, now: MonotonicTime) -> UpstreamChange? {
    budget.noteCall(now: now)
    calls += 1
    return breaker.began(flight) ? .probing : nil
  }

  /// A call ended, where there are so many slots; `fault` is nil when it brought an answer.
  mutating func ended(
    _ flight: FlightID, _ fault: CallFault?, slots: Int, now: MonotonicTime
  ) -> [UpstreamChange] {
    trouble = fault?.error.message
    var changes: [UpstreamChange] = []
    if let pause = fault?.pause, let change = hold(pause, now: now) { changes.append(change) }
    if fault?.kind == .status(401), !isKeyRejected {
      isKeyRejected = true
      changes.append(.keyRejected)
    } else if fault == nil, isKeyRejected {
      isKeyRejected = false
      changes.append(.keyAccepted)
    }
    switch breaker.ended(flight, fault?.verdict ?? .alive, slots: slots, now: now) {
    case .opened(let pause):
      let reason = trouble ?? ""
      changes.append(.failing(failures: breaker.failures, reason: reason, pause: pause))
    case .closed: changes.append(.recovered)
    case nil: break
    }
    return changes
  }

  /// A call was given up before its end.
  mutating func gaveUp(_ flight: FlightID, slots: Int, now: MonotonicTime) {
    _ = breaker.ended(flight, .nothing, slots: slots, now: now)
  }

  private mutating func hold(_ seconds: Double, now: MonotonicTime) -> UpstreamChange? {
    let until = now.advanced(seconds: min(seconds, Self.longestHold))
    let isNew = heldUntil.map { $0 <= now } ?? true
    if isNew { pauses += 1 }
    // The later of the two: what is asked of one call holds for all.
    heldUntil = max(until, heldUntil ?? until)
    return isNew && until > now ? .held(seconds: seconds) : nil
  }

  /// A call that failed is tried again.
  mutating func noteRetry() { retries += 1 }

  /// Takes a further try from the budget; false when it is used up.
  mutating func takeRetry(now: MonotonicTime) -> Bool { budget.take(now: now) }

  /// How it does, in a word.
  package enum Condition: String, Sendable {
    case serving
    /// It asked for a pause.
    case held
    /// It failed too often in a row, and is left alone for a while.
    case failing
    /// One call goes through, to see.
    case probing
  }

  /// How it does now.
  package func condition(now: MonotonicTime) -> Condition {
    switch breaker.state {
    case .open: .failing
    case .probing: .probing
    case .closed: heldUntil.map { $0 > now } == true ? .held : .serving
    }
  }

  /// When the next call may be made, where that is a matter of time; nil where it is not.
  package func opens(now: MonotonicTime) -> MonotonicTime? {
    guard case .until(let time) = hindrance(now: now) else { return nil }
    return time
  }

  /// Lets the next call go through, whatever was learnt before.
  mutating func hasten(now: MonotonicTime) {
    heldUntil = nil
    breaker.hasten(now: now)
  }
}

/// Stops the calls to an upstream that fails one after the other, and lets one through from time to
/// time to see.
///
/// It is closed while calls go through. So many failures in a row open it; after a while one call
/// goes through to see, and its end closes the breaker or opens it for twice as long. Once it is
/// closed again the calls come back by and by: a server that has just got up is not run over by
/// all that waited.
package struct Breaker: Sendable {
  package enum State: Equatable, Sendable {
    /// Calls go through: at most so many at a time, nil for as many as there are slots.
    case closed(most: Int?)
    /// No call goes through before then.
    case open(until: MonotonicTime)
    /// One call goes through, to see.
    case probing(FlightID)
  }

  /// What a call's end changes.
  package enum Change: Equatable, Sendable {
    /// It opens, or stays open, for so long.
    case opened(Duration)
    case closed
  }

  private var policy: BreakerPolicy
  package private(set) var state = State.closed(most: nil)
  /// Failures in a row.
  package private(set) var failures = 0
  /// For how long it opens next.
  private var wait: Duration
  /// The calls that have begun since it was closed last; earlier ones tell nothing of now.
  private var calls: Set<FlightID> = []

  package init(_ policy: BreakerPolicy) {
    self.policy = policy
    wait = policy.probeAfter
  }

  /// Takes over a changed policy, which holds for what is waited now too.
  package mutating func reconfigured(_ policy: BreakerPolicy, now: MonotonicTime) {
    guard policy != self.policy else { return }
    self.policy = policy
    wait = policy.probeAfter
    if case .open(let until) = state {
      state = .open(until: min(until, now.advanced(by: policy.probeAfter)))
    }
  }

  /// What keeps a call from starting; nil when nothing does.
  package func hindrance(now: MonotonicTime) -> Hindrance? {
    switch state {
    case .closed(let most): calls.count < most ?? .max ? nil : .untilReleased
    case .open(let until): until <= now ? nil : .until(until)
    case .probing: .untilReleased
    }
  }

  /// Whether it is closed.
  package var isClosed: Bool { if case .closed = state { true } else { false } }

  /// A call begins that nothing hinders; true when it is the one that goes through to see.
  package mutating func began(_ flight: FlightID) -> Bool {
    guard case .open = state else {
      calls.insert(flight)
      return false
    }
    state = .probing(flight)
    return true
  }

  /// A call ended, where there are so many slots.
  package mutating func ended(
    _ flight: FlightID, _ verdict: CallFault.Verdict, slots: Int, now: MonotonicTime
  ) -> Change? {
    let isOfNow = calls.remove(flight) != nil
    switch (state, verdict) {
    // What began before it opened decides nothing, however long it takes.
    case (.closed, _) where !isOfNow: break
    case (.closed(let most), .failed):
      failures += 1
      if failures >= policy.failures { return open(now: now) }
      state = .closed(most: most.map { max(1, $0 / 2) })
    case (.closed(let most), .alive):
      failures = 0
      state = .closed(most: most.flatMap { $0 + 1 < slots ? $0 + 1 : nil })
    case (.probing(flight), .failed):
      failures += 1
      return open(now: now)
    case (.probing(flight), .alive):
      failures = 0
      wait = policy.probeAfter
      state = .closed(most: slots > 1 ? 1 : nil)
      return .closed
    // It says nothing of the upstream: another one is to see.
    case (.probing(flight), .nothing): state = .open(until: now)
    case (.open, _), (.probing, _), (.closed, .nothing): break
    }
    return nil
  }

  /// Lets the next call through to see, however long it was to stay open.
  package mutating func hasten(now: MonotonicTime) {
    if case .open = state { state = .open(until: now) }
  }

  private mutating func open(now: MonotonicTime) -> Change {
    let wait = wait
    calls = []
    state = .open(until: now.advanced(by: wait))
    self.wait = min(wait * 2, policy.probeCap)
    return .opened(wait)
  }
}

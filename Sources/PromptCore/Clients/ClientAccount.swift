/// What one client has under way and has used.
package struct ClientAccount: Sendable {
  package private(set) var terms: ClientTerms
  /// The so-manieth rules that gave these terms.
  package var rules = 0
  /// Calls that run for it.
  package internal(set) var running = 0
  package internal(set) var requests: SlidingMinute
  package internal(set) var tokens: SlidingMinute
  /// The requests of its that wait, and the room for them.
  package internal(set) var waiting: WaitingRoom
  /// What today's calls have cost.
  package internal(set) var spent: Spending

  package init(_ terms: ClientTerms, spent: Spending = Spending()) {
    self.terms = terms
    self.spent = spent
    requests = SlidingMinute(limit: terms.limits.requestsPerMinute)
    tokens = SlidingMinute(limit: terms.limits.tokensPerMinute)
    waiting = WaitingRoom(limit: terms.limits.maxQueued)
  }

  /// Takes over other terms, with all that waits and runs.
  mutating func change(to terms: ClientTerms) {
    self.terms = terms
    requests.limit = terms.limits.requestsPerMinute
    tokens.limit = terms.limits.tokensPerMinute
    waiting.limit = terms.limits.maxQueued
  }

  /// What keeps it from starting a call of about so many tokens; nil when nothing does.
  package func hindrance(tokens cost: Int, now: MonotonicTime) -> Hindrance? {
    if let most = terms.limits.maxInFlight, running >= most { return .untilReleased }
    guard requests.limit != nil || tokens.limit != nil else { return nil }
    let times = [requests.whenFree(1, now: now), tokens.whenFree(cost, now: now)]
    return times.compactMap(\.self).max().map(Hindrance.until)
  }
}

/// Whether a thread that has nothing to do looks for news for a moment before it sleeps.
///
/// To be woken costs tens of microseconds, in a virtual machine more than a hundred, and several threads
/// one after the other wait for an upstream or a disk that answers at once. So who has begun something stays
/// awake until news comes, for a moment at most, if that paid the last time: news came within it. What takes
/// its time costs no more than that moment for each thing begun.
package struct Wakefulness: Sendable {
  /// How long to stay awake.
  package static let moment = Duration.microseconds(400)

  /// The time of what was begun and has brought no news.
  private var begun: SuspendingClock.Instant?
  private var pays = false

  package init() {}

  /// Something was begun that may bring news at once.
  package mutating func begin(at now: SuspendingClock.Instant) { begun = now }

  /// News came. Whoever stays awake for more than that takes the time of those that it is for.
  package mutating func newsCame(at now: SuspendingClock.Instant) {
    guard let begun else { return }
    pays = begun.duration(to: now) < Self.moment
    self.begun = nil
  }

  /// Whether to look on.
  package func isAwake(at now: SuspendingClock.Instant) -> Bool {
    guard pays, let begun else { return false }
    return begun.duration(to: now) < Self.moment
  }
}

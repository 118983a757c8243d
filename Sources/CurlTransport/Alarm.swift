/// The earliest moment at which some call's clock may run out.
///
/// It is a lower bound, not the exact moment: clocks that are wound up again only move later, so
/// looking through all calls when the moment comes finds each one that ran out, and is rare.
final class Alarm {
  /// The moment, or nil when no clock runs.
  private(set) var moment: SuspendingClock.Instant?

  /// Makes sure that the alarm goes off no later than `moment`.
  func noLater(than moment: SuspendingClock.Instant) {
    self.moment = self.moment.map { min($0, moment) } ?? moment
  }

  /// Forgets the moment before the calls are looked through and say their moments again.
  func clear() { moment = nil }
}

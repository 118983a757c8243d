/// How often, and how soon, a failed call is tried again.
package struct RetryPolicy: Hashable, Sendable {
  /// Tries in all, the first included.
  package var attempts = 4
  /// The first backoff's upper end; it doubles with each try.
  package var base = Duration.milliseconds(500)
  /// The longest backoff.
  package var cap = Duration.seconds(30)
  /// Retries for each call of the last minute, 0 … 1, so that an outage is not doubled.
  package var budget = 0.2

  /// What holds where nothing else is said.
  package init() {}
}

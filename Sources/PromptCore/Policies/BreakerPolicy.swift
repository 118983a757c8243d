/// When calls to an upstream stop, and when one is let through to see.
package struct BreakerPolicy: Hashable, Sendable {
  /// Failures in a row that open the breaker.
  package var failures = 5
  /// How long it stays open before the first probe; doubled after each that fails.
  package var probeAfter = Duration.seconds(10)
  /// The longest time between probes.
  package var probeCap = Duration.seconds(300)

  /// What holds where nothing else is said.
  package init() {}
}

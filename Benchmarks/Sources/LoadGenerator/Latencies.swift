import Histogram

/// A distribution of latencies, exact to three digits, from 1 ns to ten minutes; what took longer
/// counts as ten minutes.
package struct Latencies: Sendable {
  private static let longest: UInt64 = 600_000_000_000
  private var histogram = Histogram<UInt32>(
    lowestDiscernibleValue: 1, highestTrackableValue: longest,
    numberOfSignificantValueDigits: .three)

  /// No latency yet.
  package init() {}

  /// How many there are.
  package var count: Int { Int(clamping: histogram.totalCount) }
  /// The longest, in microseconds; 0 where there is none.
  package var longest: Double { count == 0 ? 0 : Double(histogram.max) / 1000 }

  /// Adds one, in nanoseconds.
  package mutating func add(_ nanoseconds: UInt64) {
    histogram.record(min(nanoseconds, Self.longest))
  }

  /// Forgets all.
  mutating func removeAll() { histogram.reset() }

  /// The latency in microseconds that `percent` of all stay within; 0 where there is none.
  package func percentile(_ percent: Double) -> Double {
    count == 0 ? 0 : Double(histogram.valueAtPercentile(percent)) / 1000
  }
}

/// A moment on a clock that never jumps, in nanoseconds since some start. Every decision takes
/// the moment as an argument.
package struct MonotonicTime: Comparable, Hashable, Sendable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Whole milliseconds since `earlier`.
  package func milliseconds(since earlier: Self) -> Int {
    Int((nanoseconds - earlier.nanoseconds) / 1_000_000)
  }

  /// The moment `seconds` later; spans are bounded by `RequestOptions.longestSeconds`.
  package func advanced(seconds: Double) -> Self {
    Self(nanoseconds: nanoseconds + Int64(seconds * 1e9))
  }

  /// The moment `duration` later.
  package func advanced(by duration: Duration) -> Self {
    Self(nanoseconds: nanoseconds + duration.nanoseconds)
  }

  package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension Duration {
  /// Whole nanoseconds; spans in here are bounded by the configuration.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}

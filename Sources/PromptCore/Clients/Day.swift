/// The local day that budgets count in.
package struct Day: Equatable, Sendable {
  /// As people write it: `2026-11-25`.
  package var name: String
  /// Milliseconds since 1970 at its first moment, and at that of the next day.
  package var starts: Int64
  package var ends: Int64

  package init(name: String, starts: Int64, ends: Int64) {
    self.name = name
    self.starts = starts
    self.ends = ends
  }

  /// A day without an end, for where nobody counts.
  package static let endless = Day(name: "", starts: .min, ends: .max)

  /// Whether a moment, in milliseconds since 1970, is within it.
  package func contains(_ wall: Int64) -> Bool { starts <= wall && wall < ends }

  /// Seconds from a moment to the next day, at least one.
  package func secondsLeft(at wall: Int64) -> Double {
    ends == .max ? 1 : max(1, (Double(ends - wall) / 1000).rounded(.up))
  }
}

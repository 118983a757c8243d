/// Identifies one attempt at one upstream call; the caller chooses it and never uses it twice.
package struct CallID: Hashable, Sendable {
  package var rawValue: UInt64

  /// Wraps a number that the caller counts up.
  package init(rawValue: UInt64) { self.rawValue = rawValue }
}

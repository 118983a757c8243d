/// Identifies one attempt at one upstream call; the caller chooses it.
///
/// It is free again after its `.ended`. One that was cancelled is not: an event that was on its way
/// would be taken for one of the next call.
package struct CallID: Hashable, Sendable {
  package var rawValue: UInt64

  /// Wraps a number that the caller counts up.
  package init(rawValue: UInt64) { self.rawValue = rawValue }
}

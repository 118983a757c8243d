import PromptProtocol

/// What the broker has seen since it began.
package struct Tally: Equatable, Sendable {
  package var diskHits = 0
  /// Answers that came into memory while their request was on its way to the broker.
  package var lateHits = 0
  package var joined = 0
  package var misses = 0
  /// Answers that stood in for an upstream that failed.
  package var stale = 0
  package var errors = 0
  package var stored = 0
  /// Answers that were not kept, by the reason's name.
  package var notStored: [NotStored: Int] = [:]

  package init() {}
}

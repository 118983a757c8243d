import PromptProtocol

/// What the broker has seen since it began.
package struct Tally: Equatable, Sendable {
  package var diskHits = 0
  /// Answers that came into memory while their request was on its way to the broker.
  package var lateHits = 0
  package var joined = 0
  package var misses = 0
  package var errors = 0
  package var stored = 0
  /// Answers that were not kept, by the reason's name.
  package var notStored: [NotStored: Int] = [:]
  /// Tokens that hits and joins did not cost.
  package var saved = TokenCount()

  package init() {}

  /// Counts one answer that cost nothing.
  mutating func save(_ tokens: TokenCount) {
    saved.prompt += tokens.prompt
    saved.completion += tokens.completion
  }
}

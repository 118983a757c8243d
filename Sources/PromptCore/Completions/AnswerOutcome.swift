/// How one call ended.
package enum AnswerOutcome: Equatable, Sendable {
  case completed(CompletedAnswer)
  case failed(CallFault)

  /// How it failed; nil when it did not.
  package var fault: CallFault? { if case .failed(let fault) = self { fault } else { nil } }
}

/// A completion that came whole.
package struct CompletedAnswer: Equatable, Sendable {
  /// One compact JSON object.
  package var completion: [UInt8]
  package var boundaries: ChunkBoundaries?
  package var tokens: TokenCount
  /// Why it must not be kept; nil when it may.
  package var refusal: NotStored?
  /// The sandbox made it.
  package var isMadeUp: Bool

  package init(
    completion: [UInt8], boundaries: ChunkBoundaries? = nil, tokens: TokenCount = TokenCount(),
    refusal: NotStored? = nil, isMadeUp: Bool = false
  ) {
    self.completion = completion
    self.boundaries = boundaries
    self.tokens = tokens
    self.refusal = refusal
    self.isMadeUp = isMadeUp
  }
}

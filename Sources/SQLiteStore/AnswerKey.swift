import PromptProtocol

/// What an entry is found by.
struct AnswerKey: Hashable, Sendable {
  var key: Digest
  var variant: Digest
}

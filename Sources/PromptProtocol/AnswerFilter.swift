/// Which of the kept answers are meant: those that fit everything that is given.
package struct AnswerFilter: Equatable, Sendable {
  package var key: DigestRange?
  package var variant: Digest?
  package var model: String?
  /// Who paid.
  package var client: String?
  /// Made before this moment, in milliseconds since 1970.
  package var madeBefore: Int64?

  /// All answers.
  package init() {}

  /// Whether an answer is meant; `created` is in milliseconds since 1970.
  package func matches(
    key: Digest, variant: Digest, model: String, client: String, created: Int64
  ) -> Bool {
    self.key?.contains(key) ?? true && self.variant ?? variant == variant
      && self.model ?? model == model && self.client ?? client == client
      && madeBefore.map { created < $0 } ?? true
  }
}

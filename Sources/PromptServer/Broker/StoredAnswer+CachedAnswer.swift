import PromptCore
import SQLiteStore

extension StoredAnswer {
  /// The form of an answer on disk.
  init(_ answer: CachedAnswer) {
    self.init(
      key: answer.keys.key, variant: answer.keys.variant, origin: answer.origin,
      model: answer.model, client: answer.client, created: answer.created,
      expires: answer.expires, answer: answer.completion,
      boundaries: answer.boundaries?.encoded, request: answer.request,
      promptTokens: answer.tokens.prompt, completionTokens: answer.tokens.completion,
      took: answer.took, cost: answer.cost, replaces: answer.replaces)
  }
}

extension CachedAnswer {
  /// The form of an answer in memory.
  convenience init(_ stored: StoredAnswer) {
    self.init(
      keys: CacheKeys(key: stored.key, variant: stored.variant), completion: stored.answer,
      boundaries: stored.boundaries.flatMap(ChunkBoundaries.init(encoded:)), model: stored.model,
      origin: stored.origin, client: stored.client, created: stored.created,
      expires: stored.expires,
      tokens: TokenCount(prompt: stored.promptTokens, completion: stored.completionTokens),
      took: stored.took, cost: stored.cost, request: nil)
  }
}

package import PromptProtocol

/// One cached answer as it lies on disk.
package struct StoredAnswer: Sendable, Equatable {
  /// What the user thinks of as "the same prompt".
  package var key: Digest
  /// Everything else in the request that shapes the answer.
  package var variant: Digest
  /// The `base_url` of the upstream that made the answer.
  package var origin: String
  /// The model as the request named it.
  package var model: String
  /// The name of the client that paid for the answer.
  package var client: String
  /// When the answer was made, in milliseconds since 1970.
  package var created: Int64
  /// When the answer stops being fresh, in milliseconds since 1970.
  package var expires: Int64
  /// The completion as compact JSON, byte for byte what is served.
  package var answer: [UInt8]
  /// The chunk boundaries of an answer that came as a stream, opaque to the store.
  package var boundaries: [UInt8]?
  /// The canonical request, or nil; `SQLiteAnswerStore.read` never loads it.
  package var request: [UInt8]?
  /// What the upstream counted as tokens of the prompt.
  package var promptTokens: Int
  /// What the upstream counted as tokens of the completion.
  package var completionTokens: Int
  /// How long the call took, in milliseconds.
  package var took: Int
  /// What the call cost, in the currency of the prices.
  package var cost: Double
  /// It was made because somebody wanted no older one: should it not reach the disk, an older one
  /// there must not be served either. Not itself on disk.
  package var replaces: Bool

  package init(
    key: Digest, variant: Digest, origin: String, model: String, client: String, created: Int64,
    expires: Int64, answer: [UInt8], boundaries: [UInt8]? = nil, request: [UInt8]? = nil,
    promptTokens: Int, completionTokens: Int, took: Int = 0, cost: Double = 0,
    replaces: Bool = false
  ) {
    self.key = key
    self.variant = variant
    self.origin = origin
    self.model = model
    self.client = client
    self.created = created
    self.expires = expires
    self.answer = answer
    self.boundaries = boundaries
    self.request = request
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
    self.took = took
    self.cost = cost
    self.replaces = replaces
  }

  /// Whose answer it is.
  var entry: AnswerKey { AnswerKey(key: key, variant: variant) }

  /// The bytes of its three blobs.
  package var bytes: Int { answer.count + (boundaries?.count ?? 0) + (request?.count ?? 0) }
}

import PromptCore

extension CachedAnswer {
  /// An answer to the question with this number, made at 0 ms and fresh for `life` of them.
  static func make(
    _ question: UInt64 = 1, completion: String = #"{"choices":[]}"#, bytes: Int? = nil,
    boundaries: ChunkBoundaries? = nil, model: String = "m", origin: String = "https://a/v1",
    created: Int64 = 0, life: Int64 = 60_000, request: String? = nil
  ) -> CachedAnswer {
    CachedAnswer(
      keys: .number(question),
      completion: bytes.map { [UInt8](repeating: 0x20, count: $0) } ?? Array(completion.utf8),
      boundaries: boundaries, model: model, origin: origin, client: "alice", created: created,
      expires: created + life, tokens: TokenCount(prompt: 3, completion: 5), took: 40, cost: 0.5,
      request: request.map { Array($0.utf8) })
  }
}

extension MemoryTier {
  /// Puts an answer in, at a time that does not matter.
  mutating func insert(_ answer: CachedAnswer) { insert(answer, now: 0) }

  /// The answer under `keys`, at a time that does not matter.
  mutating func find(_ keys: CacheKeys) -> CachedAnswer? { find(keys, now: 0)?.answer }
}

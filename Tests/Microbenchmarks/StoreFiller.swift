import JSON
import PromptCore
import PromptProtocol
import SQLiteStore

/// Fills a cache file with answers to questions that a client can ask: the user's text is the
/// number, the model `sandbox/echo`, and there is nothing else in the body.
struct StoreFiller {
  let file: String
  let count: Int

  private static let batch = 2000
  /// As `promptd --sandbox` calls itself.
  private static let origin = "sandbox"

  /// Fills the file and says how many answers it holds then.
  func run() async throws -> Int {
    let store = SQLiteAnswerStore(
      file: file, diskLimit: .max, keepRequests: true, now: { 1_800_000_000_000 },
      conditions: { print($0) })
    for start in stride(from: 0, to: count, by: Self.batch) {
      let answers = try (start..<min(start + Self.batch, count)).map(answer)
      try await withCheckedContinuation { continuation in
        store.add(answers) { continuation.resume(returning: $0) }
      }.get()
    }
    defer { store.close() }
    return store.statistics().entries
  }

  private func answer(_ number: Int) throws -> StoredAnswer {
    let body = #"{"model":"sandbox/echo","messages":[{"role":"user","content":"\#(number)"}]}"#
    return try JSONParser().withDocument(of: body.utf8) { root in
      var maker = KeyMaker()
      let keys = try maker.keys(for: try ChatBody(root))
      let completion =
        #"{"id":"x","object":"chat.completion","created":1,"model":"sandbox/echo","choices":"#
        + #"[{"index":0,"message":{"role":"assistant","content":"\#(number)"},"#
        + #""finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":1}}"#
      return StoredAnswer(
        key: keys.key, variant: keys.variant, origin: Self.origin, model: "sandbox/echo",
        client: "bench", created: 1_800_000_000_000, expires: 1_900_000_000_000,
        answer: Array(completion.utf8),
        request: KeyMaker.kept(key: maker.canonicalKey, variant: maker.canonicalVariant),
        promptTokens: 9, completionTokens: 1)
    }
  }
}

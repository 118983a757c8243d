import PromptProtocol

@testable import SQLiteStore

extension Digest {
  /// A digest that is the same for the same number only.
  static func make(_ number: Int) -> Digest {
    Digest(words: (UInt64(bitPattern: Int64(number)), 1, 2, 3))
  }
}

extension StoredAnswer {
  static func make(
    _ number: Int = 1, variant: Int = 0, created: Int64 = StoreFixture.start,
    expires: Int64 = StoreFixture.start + 1_000_000_000_000, answer: [UInt8]? = nil,
    size: Int = 0, boundaries: [UInt8]? = nil, request: [UInt8]? = nil, replaces: Bool = false
  ) -> StoredAnswer {
    StoredAnswer(
      key: .make(number), variant: .make(variant), origin: "https://api.example/v1",
      model: "model-\(number)", client: "nightly", created: created, expires: expires,
      answer: answer ?? Array(#"{"n":\#(number)}"#.utf8) + [UInt8](repeating: 0x20, count: size),
      boundaries: boundaries, request: request, promptTokens: 7, completionTokens: 11,
      replaces: replaces)
  }
}

extension SQLiteAnswerStore {
  /// What a reader of the answer's entry gets.
  func find(_ answer: StoredAnswer) async -> StoredAnswer? {
    await find(key: answer.key, variant: answer.variant)
  }

  /// What a reader of an entry gets.
  func find(key: Digest, variant: Digest) async -> StoredAnswer? {
    await withCheckedContinuation { continuation in
      read(key: key, variant: variant) { continuation.resume(returning: $0) }
    }
  }

  /// What a reader of the entry `make(number)` gets.
  func find(_ number: Int) async -> StoredAnswer? { await find(.make(number)) }
}

import JSON
import PromptProtocol
import Testing

@testable import PromptCore

struct BodyMemoTests {
  private typealias Memo = BodyMemo
  private let shared = Memo.Place(isNested: false, namespace: nil)

  /// The number by which a body was noted.
  private func find(_ memo: Memo, _ body: String, at place: Memo.Place? = nil) -> Int? {
    Array(body.utf8).withUnsafeBytes { memo.find($0, at: place ?? shared) }?.maxAge.map { Int($0) }
  }

  private func insert(
    _ memo: inout Memo, _ body: String, _ number: Int, at place: Memo.Place? = nil
  ) throws {
    let known = try KnownBody.make(number)
    Array(body.utf8).withUnsafeBytes { memo.insert($0, at: place ?? shared, known) }
  }

  @Test func aBodyIsKnownByAllOfItsBytes() throws {
    var memo = Memo(limit: 1 << 20, seed: 7)
    // Of every length around the steps of the hash.
    let whole = String(repeating: "abcdefghij", count: 7)
    for length in 1...whole.utf8.count { try insert(&memo, String(whole.prefix(length)), length) }
    for length in 1...whole.utf8.count {
      #expect(find(memo, String(whole.prefix(length))) == length)
      #expect(find(memo, String(whole.prefix(length - 1)) + "X") == nil)
      #expect(find(memo, "X" + String(whole.prefix(length - 1))) == nil)
    }
  }

  @Test func whereItStandsAndWhoseItIsCount() throws {
    var memo = Memo(limit: 1 << 20, seed: 7)
    try insert(&memo, "body", 1)
    #expect(find(memo, "body", at: .init(isNested: true, namespace: nil)) == nil)
    #expect(find(memo, "body", at: .init(isNested: false, namespace: "uid-1")) == nil)
    #expect(find(memo, "body") == 1)
  }

  @Test func oneBodyIsKnownInEachOfItsPlaces() throws {
    var memo = Memo(limit: 1 << 20, seed: 7)
    let nested = Memo.Place(isNested: true, namespace: nil)
    let own = Memo.Place(isNested: false, namespace: "uid-1")
    for (number, place) in [shared, nested, own].enumerated() {
      try insert(&memo, "body", number, at: place)
    }
    for (number, place) in [shared, nested, own].enumerated() {
      #expect(find(memo, "body", at: place) == number)
    }
  }

  @Test func itHoldsNoMoreThanItMayAndStillFindsSome() throws {
    var memo = Memo(limit: 100_000, seed: 7)
    let bodies = (0..<1000).map { "\($0)" + String(repeating: "x", count: 744) }
    for (number, body) in bodies.enumerated() { try insert(&memo, body, number) }
    let found = bodies.enumerated().filter { find(memo, $0.element) == $0.offset }.count
    #expect((80...100).contains(found))
    // In turn, each round finds about as many as there is room for.
    var again = 0
    for _ in 0..<10 {
      for (number, body) in bodies.enumerated() {
        if find(memo, body) != nil { again += 1 } else { try insert(&memo, body, number) }
      }
    }
    #expect(again > 200)
  }

  @Test func oneThatWouldPushOutTheOthersIsNotNoted() throws {
    var memo = Memo(limit: 100_000, seed: 7)
    let large = String(repeating: "x", count: 13_000)
    try insert(&memo, large, 1)
    #expect(find(memo, large) == nil)
  }
}

extension KnownBody {
  /// One with a number that it is told by.
  fileprivate static func make(_ number: Int) throws -> KnownBody {
    let keys = CacheKeys(key: Digest(words: (0, 0, 0, 0)), variant: Digest(words: (0, 0, 0, 0)))
    let json =
      #"{"model":"m","messages":[{"role":"user","content":"x"}],"promptd":{"max_age":\#(number)}}"#
    return try JSONParser().withDocument(of: Array(json.utf8)) {
      KnownBody(try ChatBody($0), keys: keys, .use)
    }
  }
}

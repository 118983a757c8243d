import Testing

@testable import PromptCore

struct BodyMemoTests {
  private typealias Memo = BodyMemo<Int>
  private let shared = Memo.Place(isNested: false, namespace: nil)

  private func find(_ memo: Memo, _ body: String, at place: Memo.Place? = nil) -> Int? {
    Array(body.utf8).withUnsafeBytes { memo.find($0, at: place ?? shared) }
  }

  private func insert(_ memo: inout Memo, _ body: String, _ meaning: Int) {
    Array(body.utf8).withUnsafeBytes { memo.insert($0, at: shared, meaning) }
  }

  @Test func aBodyIsKnownByAllOfItsBytes() {
    var memo = Memo(limit: 1 << 20, seed: 7)
    // Of every length around the steps of the hash.
    let whole = String(repeating: "abcdefghij", count: 7)
    for length in 1...whole.utf8.count { insert(&memo, String(whole.prefix(length)), length) }
    for length in 1...whole.utf8.count {
      #expect(find(memo, String(whole.prefix(length))) == length)
      #expect(find(memo, String(whole.prefix(length - 1)) + "X") == nil)
      #expect(find(memo, "X" + String(whole.prefix(length - 1))) == nil)
    }
  }

  @Test func whereItStandsAndWhoseItIsCount() {
    var memo = Memo(limit: 1 << 20, seed: 7)
    insert(&memo, "body", 1)
    #expect(find(memo, "body", at: .init(isNested: true, namespace: nil)) == nil)
    #expect(find(memo, "body", at: .init(isNested: false, namespace: "uid-1")) == nil)
    #expect(find(memo, "body") == 1)
  }

  @Test func itHoldsNoMoreThanItMayAndStillFindsSome() {
    var memo = Memo(limit: 100_000, seed: 7)
    let bodies = (0..<1000).map { "\($0)" + String(repeating: "x", count: 744) }
    for (number, body) in bodies.enumerated() { insert(&memo, body, number) }
    let found = bodies.enumerated().filter { find(memo, $0.element) == $0.offset }.count
    #expect((80...100).contains(found))
    // In turn, each round finds about as many as there is room for.
    var again = 0
    for _ in 0..<10 {
      for (number, body) in bodies.enumerated() {
        if find(memo, body) != nil { again += 1 } else { insert(&memo, body, number) }
      }
    }
    #expect(again > 200)
  }

  @Test func oneThatWouldPushOutTheOthersIsNotNoted() {
    var memo = Memo(limit: 100_000, seed: 7)
    let large = String(repeating: "x", count: 13_000)
    insert(&memo, large, 1)
    #expect(find(memo, large) == nil)
  }
}

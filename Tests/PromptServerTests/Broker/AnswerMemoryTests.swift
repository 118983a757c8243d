import PromptCore
import PromptProtocol
import Testing

@testable import PromptServer

@Suite struct AnswerMemoryTests {
  private let keys = CacheKeys(
    key: Digest(words: (1, 0, 0, 0)), variant: Digest(words: (2, 0, 0, 0)))

  private func moment(_ seconds: Int64) -> Moment {
    Moment(monotonic: MonotonicTime(nanoseconds: seconds * 1_000_000_000), wall: seconds * 1000)
  }

  private func answer(_ text: String, created: Int64 = 0) -> CachedAnswer {
    CachedAnswer(
      keys: keys, completion: Array(text.utf8), boundaries: nil, model: "m", origin: "o",
      client: "c", created: created * 1000, expires: 1, tokens: TokenCount(), took: 0, cost: 0,
      request: Array("{}".utf8))
  }

  @Test func anAnswerFromTheDiskNeverTakesTheOneThatIsThere() {
    let memory = AnswerMemory(limit: 1 << 20)
    memory.promote(answer("old"), now: moment(1))
    #expect(memory.peek(keys)?.completion == Array("old".utf8))
    memory.insert(answer("new"), now: 0)
    memory.promote(answer("old"), now: moment(1))
    #expect(memory.peek(keys)?.completion == Array("new".utf8))
    #expect(memory.peek(keys)?.request == nil)
  }

  @Test func allThatIsMeantIsRemovedHoweverManyThereAre() {
    let memory = AnswerMemory(limit: 1 << 24)
    for number in 0..<2001 as Range<UInt64> {
      let keys = CacheKeys(
        key: Digest(words: (number, 0, 0, 0)), variant: Digest(words: (2, 0, 0, 0)))
      memory.insert(
        CachedAnswer(
          keys: keys, completion: [0x7B, 0x7D], boundaries: nil, model: number % 3 == 0 ? "m" : "n",
          origin: "o", client: "c", created: 0, expires: 1, tokens: TokenCount(), took: 0, cost: 0,
          request: nil), now: 0)
    }
    var filter = AnswerFilter()
    filter.model = "m"
    #expect(memory.remove(filter, now: moment(1)) == 667)
    #expect(memory.figures.entries == 1334)
    #expect(memory.remove(filter, now: moment(1)) == 0)
    #expect(memory.remove(AnswerFilter(), now: moment(1)) == 1334)
  }

  /// Whether an answer from the disk is taken, so long after everything was removed.
  private func isTaken(_ answer: CachedAnswer, after seconds: Int64) -> Bool {
    let memory = AnswerMemory(limit: 1 << 20)
    _ = memory.remove(AnswerFilter(), now: moment(100))
    memory.promote(answer, now: moment(100 + seconds))
    return memory.peek(keys) != nil
  }

  @Test func aLookThatBeganBeforeARemovalBringsNothingBack() {
    #expect(!isTaken(answer("old", created: 50), after: 1))
    #expect(!isTaken(answer("of a clock that was ahead", created: 5000), after: 1))
    #expect(isTaken(answer("new", created: 101), after: 2))
    #expect(isTaken(answer("brought in later", created: 50), after: 61))
  }
}

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

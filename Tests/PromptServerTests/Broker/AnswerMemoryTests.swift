import PromptCore
import PromptProtocol
import Testing

@testable import PromptServer

@Suite struct AnswerMemoryTests {
  private let keys = CacheKeys(
    key: Digest(words: (1, 0, 0, 0)), variant: Digest(words: (2, 0, 0, 0)))

  private func answer(_ text: String) -> CachedAnswer {
    CachedAnswer(
      keys: keys, completion: Array(text.utf8), boundaries: nil, model: "m", origin: "o",
      client: "c", created: 0, expires: 1, tokens: TokenCount(), took: 0, cost: 0,
      request: Array("{}".utf8))
  }

  @Test func anAnswerFromTheDiskNeverTakesTheOneThatIsThere() {
    let memory = AnswerMemory(limit: 1 << 20)
    memory.promote(answer("old"))
    #expect(memory.find(keys)?.completion == Array("old".utf8))
    memory.insert(answer("new"))
    memory.promote(answer("old"))
    #expect(memory.find(keys)?.completion == Array("new".utf8))
    #expect(memory.find(keys)?.request == nil)
  }
}

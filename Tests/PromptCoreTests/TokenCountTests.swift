import PromptCore
import Testing

@Suite struct TokenCountTests {
  @Test func countsFromOutsideAreKeptWithinReason() {
    #expect(TokenCount(prompt: -5, completion: .max) == TokenCount(prompt: 0, completion: 1 << 32))
    #expect(TokenCount(prompt: 3, completion: 5).prompt == 3)
  }
}

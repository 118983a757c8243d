import Testing

@testable import promptctl

struct QuestionTextTests {
  @Test func wordsComeBeforeWhatWasPipedIn() {
    #expect(
      QuestionText.joined(words: ["review", "this"], input: "code\n") == "review this\n\ncode")
  }

  @Test func echoAndAnArgumentAskTheSame() {
    let piped = QuestionText.joined(words: [], input: "hello\r\n\n")
    #expect(piped == QuestionText.joined(words: ["hello"], input: nil))
  }

  @Test func noTextIsNoQuestion() {
    #expect(QuestionText.joined(words: [], input: nil) == nil)
    #expect(QuestionText.joined(words: [""], input: "\n") == nil)
  }
}

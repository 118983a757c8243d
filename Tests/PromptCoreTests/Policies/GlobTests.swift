import PromptCore
import Testing

@Suite struct GlobTests {
  @Test(arguments: [
    ("*", "", true), ("*", "anything", true), ("gpt-*", "gpt-5", true), ("gpt-*", "gpt-", true),
    ("gpt-*", "xgpt-5", false), ("*.service", "nightly.service", true), ("a?c", "abc", true),
    ("a?c", "a\u{e9}c", true), ("a?c", "ac", false), ("A", "a", false), ("", "", true),
    ("", "a", false), ("a*b*c", "a1b2b3c", true), ("a*b*c", "a1b2b3", false), ("**", "x", true),
    ("*a?", "banan", true), ("*a?", "bana", false), ("[a]", "a", false), ("[a]", "[a]", true),
  ])
  func theWholeNameMustFit(_ pattern: String, _ name: String, _ fits: Bool) {
    #expect(Glob(pattern).matches(name) == fits)
  }

  @Test(.timeLimit(.minutes(1)))
  func noPatternTakesForEver() {
    let pattern = Glob(String(repeating: "a*", count: 200) + "b")
    #expect(!pattern.matches(String(repeating: "a", count: 5000)))
  }
}

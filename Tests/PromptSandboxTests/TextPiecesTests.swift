import Testing

@testable import PromptSandbox

/// What a token is.
@Suite struct TextPiecesTests {
  @Test(arguments: [
    ("", []), ("a", ["a"]), ("a b", ["a", " b"]), ("  a  b ", ["  a", "  b", " "]),
    ("a\n\tb", ["a", "\n\tb"]), ("abcdefghij", ["abcd", "efgh", "ij"]),
    ("äöüäöü", ["äö", "üä", "öü"]), ("🎈🎈", ["🎈", "🎈"]),
  ])
  func textIsSplitBeforeWhiteSpaceAndWhenLong(_ text: String, _ pieces: [String]) {
    #expect(TextPieces.split(text, longest: 4) == pieces)
    #expect(TextPieces.split(text, longest: 4).joined() == text)
  }

  @Test func textIsCutAtTheEndOfTheEarliestStop() {
    #expect(TextPieces.cut("one two three", after: ["three", "two"]) == "one two")
    #expect(TextPieces.cut("e\u{301}x", after: ["\u{301}"]) == "e\u{301}")
    #expect(TextPieces.cut("a\r\nb", after: ["\n"]) == "a\r\n")
    #expect(TextPieces.cut("one", after: ["", "x"]) == "one")
  }
}

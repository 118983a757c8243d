import Testing

@testable import promptctl

struct PlainTextTests {
  @Test func controlCharactersDoNotReachATerminal() {
    #expect(
      PlainText.printable("a\u{1B}[2Jb\u{9B}31mc\u{7F}\r")
        == "a\u{FFFD}[2Jb\u{FFFD}31mc\u{FFFD}\u{FFFD}")
  }

  @Test func nothingTurnsTheDirectionOfOthersText() {
    #expect(PlainText.printable("a\u{202E}b\u{2067}c\u{2028}d") == "a\u{FFFD}b\u{FFFD}c\u{FFFD}d")
  }

  @Test func tabsLineBreaksAndLettersStay() {
    #expect(PlainText.printable("é\t👩‍👩‍👧\n") == "é\t👩‍👩‍👧\n")
  }

  @Test func aCellIsOneLine() { #expect(PlainText.cell("a\nb\tc") == "a b c") }
}

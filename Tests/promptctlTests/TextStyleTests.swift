import Testing

@testable import promptctl

struct TextStyleTests {
  @Test func coloursAreForTerminalsThatWantThem() {
    func style(_ isTerminal: Bool, _ environment: [String: String]) -> Bool {
      TextStyle.forOutput(isTerminal: isTerminal, environment: environment).hasColours
    }
    #expect(style(true, [:]))
    #expect(style(true, ["NO_COLOR": ""]))
    #expect(!style(true, ["NO_COLOR": "1"]))
    #expect(!style(true, ["TERM": "dumb"]))
    #expect(!style(false, [:]))
  }

  @Test func aPlainStyleAddsNothing() {
    #expect(TextStyle.plain.heading("X") == "X")
    #expect(TextStyle(hasColours: true).heading("X") == "\u{1B}[1mX\u{1B}[0m")
  }
}

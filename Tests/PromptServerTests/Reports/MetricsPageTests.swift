import Testing

@testable import PromptServer

struct MetricsPageTests {
  /// By scalars, whatever Characters they make up: CR LF is one, and so is a quote with an accent.
  @Test func noLabelBreaksItsLine() {
    var page = MetricsPage()
    let value = "a\\b\"\u{301}c\r\npromptd_y 1"
    page.add("promptd_x", .gauge, "X.", [([("model", value)], 1)])
    let text = String(decoding: page.bytes, as: UTF8.self)
    #expect(
      text.unicodeScalars.split(separator: "\n").map(String.init)[2]
        == #"promptd_x{model="a\\b\""# + "\u{301}c\r" + #"\npromptd_y 1"} 1"#)
  }
}

import JSON
import Testing

struct JSONStringsTests {
  @Test(arguments: [
    (#""""#, ""), (#""abc""#, "abc"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
    (#""\u0041\u00e9\u20AC\uFFFF""#, "A\u{E9}\u{20AC}\u{FFFF}"),
    (#""\ud83d\ude00\uD800\uDC00\uDBFF\uDFFF""#, "\u{1F600}\u{10000}\u{10FFFF}"),
    (#""\u0000x""#, "\0x"), (#""\\u0041""#, "\\u0041"), (#""\\\\""#, "\\\\"),
    (#""é\né""#, "é\né"), (#""\u005c\u0022""#, "\\\""), (#""\ud7ff\ue000""#, "\u{D7FF}\u{E000}"),
  ])
  func escapesAreResolved(written: String, expected: String) throws {
    try withJSON(written) {
      #expect($0.string == expected)
      #expect($0.utf8 == Array(expected.utf8))
    }
  }

  @Test func aStringEndsAtItsQuoteAtAnyOffset() throws {
    // Strings are scanned eight bytes a step: each length and each neighbour counts.
    for count in 0..<40 {
      for stuffing in ["a", "!", "#", "[", "]", "\u{A2}", "\u{DC}"] {
        let text = String(repeating: stuffing, count: count)
        for tail in ["", "\\\"", "\\\\", "\\n"] {
          try withJSON("[\"\(text)\(tail)\",\"\"]") { root in
            let elements = Array(root.elements)
            #expect(elements.count == 2)
            #expect(
              elements.first.map { String(decoding: $0.raw, as: UTF8.self) } == "\"\(text)\(tail)\""
            )
          }
        }
      }
    }
  }

  @Test func aStringOfTwentyMebibytesIsTakenWhole() throws {
    let count = 20 << 20
    for escape in ["", "\\n"] {
      var bytes: [UInt8] = [UInt8(ascii: "\"")]
      bytes += Array(repeating: UInt8(ascii: "x"), count: count)
      bytes += Array("\(escape)\"".utf8)
      let length = try JSONParser().withDocument(of: bytes) { $0.string?.utf8.count }
      #expect(length == count + escape.utf8.count / 2)
    }
  }
}

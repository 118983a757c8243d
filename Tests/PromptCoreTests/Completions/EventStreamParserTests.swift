import PromptCore
import Testing

/// Server-sent events as the standard has them (WHATWG HTML, section 9.2.6), however they are cut.
@Suite struct EventStreamParserTests {
  /// A stream with all that the standard allows, and the data that it holds.
  private static let recorded =
    "\u{FEFF}: a comment\r\n" + "data: one\r\n\r\n"
    + "data:two\n\n" + "event: ping\ndata\ndata: \ndata:  x\n\n" + "id: 7\nretry: 5\n\n"
    + "data: caf\u{e9} \u{1F600}\r\r" + "data: a:b\rdata: c\r\n\n" + "nodata: x\n\n"
    + "data: [DONE]\n\n" + "data: without its end"
  private static let data = [
    "one", "two", "\n\n x", "caf\u{e9} \u{1F600}", "a:b\nc", "[DONE]",
  ]

  private func parse(_ pieces: [[UInt8]]) -> [String] {
    var parser = EventStreamParser()
    return pieces.flatMap { parser.add($0) }.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func aWholeStreamGivesItsData() {
    #expect(parse([Array(Self.recorded.utf8)]) == Self.data)
  }

  @Test func anEventWithoutDataIsNone() {
    #expect(parse([Array("data:\n\ndata: x\n\n".utf8)]) == ["x"])
  }

  @Test func byteByByteGivesTheSame() {
    #expect(parse(Self.recorded.utf8.map { [$0] }) == Self.data)
  }

  @Test func everySplitInThreeGivesTheSame() {
    let bytes = Array(Self.recorded.utf8)
    for first in 0...bytes.count {
      for second in first...bytes.count {
        let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]].map(Array.init)
        guard parse(pieces) == Self.data else {
          Issue.record("cut at \(first) and \(second)")
          return
        }
      }
    }
  }
}

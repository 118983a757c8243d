import NIOCore
import Testing

@testable import PromptServer

@Suite struct LineFramerTests {
  /// Everything that comes of feeding `pieces`, lines as text.
  private func frames(_ pieces: [String], limit: Int = 100, end: Bool = false) -> [String] {
    var framer = LineFramer(limit: limit)
    var found: [String] = []
    func drain() {
      while let frame = framer.next() {
        switch frame {
        case .line(let place):
          found.append(framer.withBytes(of: place) { String(decoding: $0, as: UTF8.self) })
        case .tooLong: found.append("(too long)")
        }
      }
    }
    for piece in pieces {
      framer.add(ByteBuffer(string: piece))
      drain()
    }
    if end {
      framer.end()
      drain()
    }
    return found
  }

  @Test func linesAreCutAtLineBreaks() {
    #expect(frames(["one\ntwo\nthr", "ee\n"]) == ["one", "two", "three"])
  }

  @Test func everySplitOfTheBytesGivesTheSameLines() {
    let text = "{\"a\":1}\r\n\n  \n{\"b\":2}\nlast\n"
    for split in 0...text.utf8.count {
      let bytes = Array(text.utf8)
      let pieces = [bytes[..<split], bytes[split...]].map { String(decoding: $0, as: UTF8.self) }
      #expect(frames(pieces) == ["{\"a\":1}", "{\"b\":2}", "last"])
    }
  }

  @Test func carriageReturnsAndBlankLinesAreForgiven() {
    #expect(frames(["a\r\n\r\n \t\nb\n"]) == ["a", "b"])
  }

  @Test func aLineAsLongAsTheLimitIsTaken() {
    #expect(frames(["12345\n"], limit: 5) == ["12345"])
  }

  @Test func aLongerLineIsRefusedOnceAndTheNextIsRead() {
    #expect(frames(["123456\nnext\n"], limit: 5) == ["(too long)", "next"])
    #expect(
      frames(["1234567", "89", "0\nnext\n"], limit: 5) == ["(too long)", "next"])
  }

  @Test func aLineWithoutItsBreakIsTakenAtTheEnd() {
    #expect(frames(["one\ntwo"], end: true) == ["one", "two"])
    #expect(frames(["one\n"], end: true) == ["one"])
  }

  @Test func theRestOfALongLineIsNotKept() {
    var framer = LineFramer(limit: 10)
    framer.add(ByteBuffer(string: String(repeating: "x", count: 50)))
    #expect(framer.next() == .tooLong)
    #expect(framer.isDiscarding)
    framer.add(ByteBuffer(string: String(repeating: "x", count: 5000)))
    #expect(framer.next() == nil)
    #expect(framer.waitingBytes == 0)
  }
}

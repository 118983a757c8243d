import NIOCore
import Testing

@testable import PromptClient

struct LineReaderTests {
  @Test func linesAreCutWhereverTheReadsEnd() throws {
    let text = "one\n\nthree\nrest"
    for size in 1...text.utf8.count {
      var reader = LineReader(limit: 5)
      var lines: [String] = []
      var bytes = ByteBuffer(string: text)
      while let part = bytes.readSlice(length: min(size, bytes.readableBytes)),
        part.readableBytes > 0
      {
        reader.add(part)
        while let line = try reader.next() { lines.append(String(buffer: line)) }
      }
      #expect(lines == ["one", "", "three"], "reads of \(size) bytes")
    }
  }

  @Test func aLineOfTheLimitIsTakenAndOneMoreByteIsNot() throws {
    var reader = LineReader(limit: 4)
    reader.add(ByteBuffer(string: "1234\n12345\n"))
    #expect(try reader.next().map { String(buffer: $0) } == "1234")
    #expect(throws: LineReader.TooLong()) { try reader.next() }
  }

  @Test func aLineWithoutAnEndIsRefusedOnceItIsTooLong() throws {
    var reader = LineReader(limit: 4)
    reader.add(ByteBuffer(string: "1234"))
    #expect(try reader.next() == nil)
    reader.add(ByteBuffer(string: "5"))
    #expect(throws: LineReader.TooLong()) { try reader.next() }
  }
}

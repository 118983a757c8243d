import Glibc
import JSON
package import NIOCore

/// Cuts what a connection reads into lines, without copying them.
///
/// It goes from reading to discarding when a line is too long, and back at the end of that line.
package struct LineFramer {
  /// What comes next.
  package enum Frame: Equatable {
    /// A line that is not empty, as a place for `withBytes`, valid until the next `add`.
    case line(Range<Int>)
    /// A line went past the limit: said once, at once; the rest of it is thrown away.
    case tooLong
  }

  /// Bytes in one line, at most.
  let limit: Int
  /// Whether the rest of a line is being thrown away.
  private(set) var isDiscarding = false
  private var buffer = ByteBuffer()
  /// How many readable bytes are known to hold no line break.
  private var scanned = 0

  /// Cuts lines of at most `limit` bytes.
  package init(limit: Int) { self.limit = limit }

  /// Bytes that wait for the rest of their line, or for their turn.
  var waitingBytes: Int { buffer.readableBytes }

  /// Takes what was read.
  package mutating func add(_ bytes: ByteBuffer) {
    if buffer.readableBytes == 0 {
      buffer = bytes
      scanned = 0
    } else {
      var bytes = bytes
      buffer.discardReadBytes()
      buffer.writeBuffer(&bytes)
    }
    // The parser reads whole vectors past the end of the last line.
    buffer.reserveCapacity(minimumWritableBytes: JSONParser.padding)
  }

  /// Takes the end of the input for the end of a line.
  package mutating func end() {
    if buffer.readableBytes > 0 { buffer.writeInteger(UInt8(ascii: "\n")) }
    buffer.reserveCapacity(minimumWritableBytes: JSONParser.padding)
  }

  /// Throws away what has come of the line that is being read, and the rest of it.
  mutating func discardLine() {
    isDiscarding = true
    buffer = ByteBuffer()
    scanned = 0
  }

  /// Throws away what has come of a line whose end will not come.
  mutating func dropRest() {
    let length = buffer.readableBytesView.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
    buffer.moveWriterIndex(to: length ?? buffer.readerIndex)
    scanned = 0
  }

  /// The next line, or nil when there is no whole one.
  package mutating func next() -> Frame? {
    while let length = lengthOfLine() {
      let start = buffer.readerIndex
      buffer.moveReaderIndex(forwardBy: length + 1)
      scanned = 0
      if isDiscarding {
        isDiscarding = false
        continue
      }
      if length > limit { return .tooLong }
      let range = trimmed(start..<(start + length))
      if !range.isEmpty { return .line(range) }
    }
    if isDiscarding {
      buffer.clear()
      scanned = 0
    } else if buffer.readableBytes > limit {
      discardLine()
      return .tooLong
    } else if buffer.readableBytes == 0 {
      buffer = ByteBuffer()  // an idle connection holds no memory
    }
    return nil
  }

  /// Lends the bytes of a line, followed by the padding that the parser needs.
  package func withBytes<Result>(
    of line: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try buffer.withVeryUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[line])) }
  }

  /// How far the next line break is; nil when none has come.
  private mutating func lengthOfLine() -> Int? {
    let found = buffer.withUnsafeReadableBytes { bytes -> Int? in
      guard let start = bytes.baseAddress, bytes.count > scanned else { return nil }
      let rest = start + scanned
      guard let place = memchr(rest, Int32(UInt8(ascii: "\n")), bytes.count - scanned) else {
        return nil
      }
      return UnsafeRawPointer(place) - start
    }
    if found == nil { scanned = buffer.readableBytes }
    return found
  }

  /// A line without the white space around it, so that a carriage return is forgiven.
  private func trimmed(_ line: Range<Int>) -> Range<Int> {
    buffer.withVeryUnsafeBytes { bytes in
      func isSpace(_ index: Int) -> Bool { [0x20, 0x09, 0x0D].contains(bytes[index]) }
      var (start, end) = (line.lowerBound, line.upperBound)
      while start < end, isSpace(start) { start += 1 }
      while start < end, isSpace(end - 1) { end -= 1 }
      return start..<end
    }
  }
}

import NIOCore

/// Cuts what a connection reads into lines.
struct LineReader {
  /// Bytes in one line, at most: a larger one is no answer but a fault.
  let limit: Int
  private var buffer = ByteBuffer()
  /// How many readable bytes are known to hold no line break.
  private var scanned = 0

  /// A line went past the limit.
  struct TooLong: Error, Equatable {}

  init(limit: Int) { self.limit = limit }

  /// Takes what was read.
  mutating func add(_ bytes: ByteBuffer) {
    var bytes = bytes
    if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeBuffer(&bytes) }
  }

  /// The next line without its break, or nil when there is no whole one.
  mutating func next() throws(TooLong) -> ByteBuffer? {
    let length = lengthOfLine()
    guard length ?? scanned <= limit else { throw TooLong() }
    guard let length else {
      buffer.discardReadBytes()
      return nil
    }
    scanned = 0
    let line = buffer.readSlice(length: length)
    buffer.moveReaderIndex(forwardBy: 1)
    return line
  }

  /// How far the next line break is; nil when none has come.
  private mutating func lengthOfLine() -> Int? {
    let view = buffer.readableBytesView
    let rest = view[(view.startIndex + scanned)...]
    if let end = rest.firstIndex(of: UInt8(ascii: "\n")) { return end - view.startIndex }
    scanned = view.count
    return nil
  }
}

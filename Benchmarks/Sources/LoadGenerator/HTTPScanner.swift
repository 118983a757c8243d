import CLinux
import Glibc

/// Responses of HTTP/1.1 on a kept-alive connection. Its first chunk is the first `data:` of an
/// event stream.
///
/// A response is a head, then a body by its length or in chunks (RFC 9112, section 7.1), each of
/// them a line with its size, its bytes and a line end, and at last a trailer.
struct HTTPScanner: AnswerScanner {
  /// Where in a response the next byte stands.
  private enum Place: Equatable {
    /// In a head: next a body, or another head after an interim response.
    case head
    /// In a body of known length, with so many bytes to come: next a head.
    case body(left: Int)
    /// In a chunk's size so far, with its digits over or not: next the chunk, or the trailer.
    case chunkSize(Int, digits: Int, isOver: Bool)
    /// In a chunk, with so many bytes to come and its line end: next a chunk's size.
    case chunk(left: Int)
    /// In a trailer, with so many bytes in its line: next a head.
    case trailer(line: Int)
  }

  /// A head may be as long as promptd itself allows.
  private static let longestHead = 64 << 10
  private static let data = StaticString("data:")

  private var place = Place.head
  private var isError = false
  /// A head whose end has not come.
  private var head: [UInt8] = []
  /// How many bytes of `data:` have been seen in a row; all of them once it has been told.
  private var dataSeen = 0

  /// Stands before the first response.
  init() {}

  mutating func scan(_ bytes: UnsafeRawBufferPointer, _ note: (AnswerEvent) -> Void) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      switch place {
      case .head:
        guard readHead(&rest, note) else { return false }
      case .body(let left):
        lookForData(rest.prefix(left), note)
        let taken = min(left, rest.count)
        rest.removeFirst(taken)
        place = .body(left: left - taken)
        if taken == left { end(note) }
      case .chunkSize(let size, let digits, let isOver):
        guard readSize(rest.removeFirst(), size, digits, isOver) else { return false }
      case .chunk(let left):
        lookForData(rest.prefix(max(0, left - 2)), note)
        let taken = min(left, rest.count)
        rest.removeFirst(taken)
        place =
          taken == left
          ? .chunkSize(0, digits: 0, isOver: false) : .chunk(left: left - taken)
      case .trailer(let line):
        readTrailer(rest.removeFirst(), line, note)
      }
    }
    return true
  }

  private mutating func readHead(
    _ rest: inout Slice<UnsafeRawBufferPointer>, _ note: (AnswerEvent) -> Void
  ) -> Bool {
    // The common case: it has come in one piece, with no copy.
    if head.isEmpty, let end = Self.headEnd(in: UnsafeRawBufferPointer(rebasing: rest)) {
      let whole = HTTPHead(UnsafeRawBufferPointer(rebasing: rest.prefix(end)))
      rest.removeFirst(end)
      return begin(whole, note)
    }
    let before = head.count
    head += rest.prefix(Self.longestHead - before)
    guard let end = head.withUnsafeBytes(Self.headEnd) else {
      rest = rest.suffix(0)
      return head.count < Self.longestHead
    }
    rest.removeFirst(end - before)
    let whole = head.withUnsafeBytes { HTTPHead(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
    head.removeAll(keepingCapacity: true)
    return begin(whole, note)
  }

  private mutating func begin(_ head: HTTPHead?, _ note: (AnswerEvent) -> Void) -> Bool {
    guard let head else { return false }
    // An interim response is followed by the one that counts.
    if head.status < 200 { return true }
    isError = head.status >= 300
    switch head.body {
    case .length(0): end(note)
    case .length(let length): place = .body(left: length)
    case .chunked: place = .chunkSize(0, digits: 0, isOver: false)
    }
    return true
  }

  private mutating func readSize(_ byte: UInt8, _ size: Int, _ digits: Int, _ isOver: Bool) -> Bool
  {
    if byte == 0x0A {
      place = size == 0 ? .trailer(line: 0) : .chunk(left: size + 2)
      return digits > 0
    }
    // Extensions, and the CR, follow the digits.
    guard !isOver, let digit = Self.hexDigit(byte) else {
      place = .chunkSize(size, digits: digits, isOver: true)
      return digits > 0
    }
    place = .chunkSize(size << 4 | digit, digits: digits + 1, isOver: false)
    return digits < 12
  }

  private mutating func readTrailer(_ byte: UInt8, _ line: Int, _ note: (AnswerEvent) -> Void) {
    switch byte {
    case 0x0A where line == 0: end(note)
    case 0x0A: place = .trailer(line: 0)
    case 0x0D: break
    default: place = .trailer(line: line + 1)
    }
  }

  private mutating func lookForData(
    _ bytes: Slice<UnsafeRawBufferPointer>, _ note: (AnswerEvent) -> Void
  ) {
    let wanted = Self.data
    guard dataSeen < wanted.utf8CodeUnitCount else { return }
    for byte in bytes {
      if byte == wanted.utf8Start[dataSeen] {
        dataSeen += 1
        if dataSeen == wanted.utf8CodeUnitCount { return note(.firstChunk) }
      } else {
        dataSeen = byte == wanted.utf8Start[0] ? 1 : 0
      }
    }
  }

  private mutating func end(_ note: (AnswerEvent) -> Void) {
    place = .head
    dataSeen = 0
    note(.ended(isError: isError))
  }

  private static func headEnd(in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let base = bytes.baseAddress, let end = memmem(base, bytes.count, "\r\n\r\n", 4) else {
      return nil
    }
    return UnsafeRawPointer(end) - base + 4
  }

  private static func hexDigit(_ byte: UInt8) -> Int? {
    switch byte {
    case 0x30...0x39: Int(byte - 0x30)
    case 0x41...0x46: Int(byte - 0x41 + 10)
    case 0x61...0x66: Int(byte - 0x61 + 10)
    default: nil
    }
  }
}

import Glibc
import NIOHTTP1

/// The bytes of a request's head that has been decoded, to know the next one by that is the same but
/// for the length of its body.
struct KnownHead {
  /// What it was found to say; the length is that of its own body.
  let head: HTTPRequestHead
  /// The bytes before the digits of the length, and those behind.
  private let before: [UInt8]
  private let behind: [UInt8]

  /// Longer heads are decoded each time: a connection keeps this one for as long as it lives.
  static let longest = 2048
  private static let end = Array("\r\n\r\n".utf8)
  private static let lengthName = Array("content-length:".utf8)
  /// More digits than a length has that is taken.
  private static let mostDigits = 12

  /// Nil unless the bytes name one length.
  init?(_ head: HTTPRequestHead, _ bytes: UnsafeRawBufferPointer) {
    guard let digits = Self.length(namedIn: bytes) else { return nil }
    self.head = head
    before = Array(bytes[..<digits.lowerBound])
    behind = Array(bytes[digits.upperBound...])
  }

  /// Where the digits stand of the one length that a head names.
  private static func length(namedIn head: UnsafeRawBufferPointer) -> Range<Int>? {
    guard let start = head.baseAddress else { return nil }
    var found: Range<Int>?
    var line = 0
    while let next = Self.nextLine(in: head, after: line) {
      let value = line + lengthName.count
      // A header's name has no case (RFC 9110 section 5.1).
      if value < next, strncasecmp(start + line, lengthName, lengthName.count) == 0 {
        guard found == nil else { return nil }
        let first = head[value..<next].firstIndex { $0 != UInt8(ascii: " ") } ?? next
        let digits = first..<(head[first..<next].firstIndex { !isDigit($0) } ?? next)
        guard !digits.isEmpty, head[digits.upperBound..<next].elementsEqual("\r\n".utf8) else {
          return nil
        }
        found = digits
      }
      line = next
    }
    return found
  }

  /// Where the line ends that begins at `place`, and the next one begins.
  private static func nextLine(in bytes: UnsafeRawBufferPointer, after place: Int) -> Int? {
    guard let start = bytes.baseAddress, place < bytes.count,
      let feed = memchr(start + place, Int32(UInt8(ascii: "\n")), bytes.count - place)
    else { return nil }
    return UnsafeRawPointer(feed) - start + 1
  }

  /// How many bytes a head takes with the empty line behind it, if it is there.
  static func length(in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let start = bytes.baseAddress else { return nil }
    var place = 0
    while let next = nextLine(in: bytes, after: place) {
      if next >= end.count, memcmp(start + next - end.count, end, end.count) == 0 { return next }
      place = next
    }
    return nil
  }

  /// Whether these bytes are this head, whatever the length that they name.
  func fits(_ bytes: UnsafeRawBufferPointer) -> Bool { body(behind: bytes)?.start == bytes.count }

  /// The body of a request that begins with this head and is whole, with nothing behind it; else nil.
  func body(of request: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard let (start, length) = body(behind: request), request.count - start == length else {
      return nil
    }
    return UnsafeRawBufferPointer(rebasing: request[start...])
  }

  /// Where the body begins and how long it is said to be, if the bytes begin with this head.
  private func body(behind request: UnsafeRawBufferPointer) -> (start: Int, length: Int)? {
    guard let start = request.baseAddress, request.count > before.count + behind.count,
      memcmp(start, before, before.count) == 0
    else { return nil }
    var place = before.count
    var length = 0
    while place < request.count, Self.isDigit(request[place]) {
      guard place - before.count < Self.mostDigits else { return nil }
      length = length * 10 + Int(request[place] & 0x0F)
      place += 1
    }
    guard place > before.count, request.count - place >= behind.count,
      memcmp(start + place, behind, behind.count) == 0
    else { return nil }
    return (place + behind.count, length)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

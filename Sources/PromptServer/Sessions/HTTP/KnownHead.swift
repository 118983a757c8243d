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

  private static let end = Array("\r\n\r\n".utf8)
  private static let lengthName = Array("\r\ncontent-length:".utf8)
  /// More digits than a length has that is taken.
  private static let mostDigits = 12

  /// Nil unless the bytes name one length.
  init?(_ head: HTTPRequestHead, _ bytes: some Collection<UInt8>) {
    let lower = bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    guard let name = lower.firstRange(of: Self.lengthName),
      lower[name.upperBound...].firstRange(of: Self.lengthName) == nil,
      let start = lower[name.upperBound...].firstIndex(where: { $0 != UInt8(ascii: " ") })
    else { return nil }
    let digits = lower[start...].prefix { Self.isDigit($0) }
    guard !digits.isEmpty, lower[digits.endIndex...].starts(with: "\r\n".utf8) else { return nil }
    let exact = Array(bytes)
    self.head = head
    before = Array(exact[..<start])
    behind = Array(exact[digits.endIndex...])
  }

  /// How many bytes a head takes with the empty line behind it, if it is there.
  static func length(in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let start = bytes.baseAddress else { return nil }
    var place = 0
    while place < bytes.count,
      let found = memchr(start + place, Int32(UInt8(ascii: "\n")), bytes.count - place)
    {
      place = UnsafeRawPointer(found) - start + 1
      if place >= end.count, memcmp(start + place - end.count, end, end.count) == 0 {
        return place
      }
    }
    return nil
  }

  /// The body of a request that begins with this head and is whole, with nothing behind it; else nil.
  func body(of request: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
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
    guard place > before.count, request.count == place + behind.count + length,
      memcmp(start + place, behind, behind.count) == 0
    else { return nil }
    return UnsafeRawBufferPointer(rebasing: request[(place + behind.count)...])
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

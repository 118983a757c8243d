/// What the head of a response says about its body (RFC 9112, section 6.3).
struct HTTPHead: Equatable {
  /// Where the body ends.
  enum Body: Equatable {
    case length(Int)
    case chunked
  }

  /// The status code, 100 to 599.
  var status: Int
  /// Where the body ends.
  var body: Body

  /// Reads a head up to and with its empty line. Nil if it is none of HTTP/1.1, or leaves the end
  /// of the body to the end of the connection, which no kept-alive connection can.
  init?(_ bytes: UnsafeRawBufferPointer) {
    // "HTTP/1.1 200"
    guard bytes.count >= 12, let status = Self.number(bytes[9..<12]), (100..<600).contains(status)
    else { return nil }
    self.status = status
    var length: Int?
    for line in bytes.split(separator: UInt8(ascii: "\n")).dropFirst() {
      if let value = Self.value(of: "content-length", in: line) {
        length = Self.number(value)
      } else if let value = Self.value(of: "transfer-encoding", in: line) {
        guard Self.isSame(value, "chunked") else { return nil }
        body = .chunked
        return
      }
    }
    guard let length = length ?? Self.lengthOfBodyless(status) else { return nil }
    body = .length(length)
  }

  /// Responses that never have a body (RFC 9110, sections 15.2, 15.3.5 and 15.4.5).
  private static func lengthOfBodyless(_ status: Int) -> Int? {
    status < 200 || status == 204 || status == 304 ? 0 : nil
  }

  private static func value(
    of name: StaticString, in line: Slice<UnsafeRawBufferPointer>
  ) -> Slice<UnsafeRawBufferPointer>? {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), isSame(line[..<colon], name) else {
      return nil
    }
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
    var value = line[(colon + 1)...].drop(while: isSpace)
    while let last = value.last, isSpace(last) { value.removeLast() }
    return value
  }

  /// Compares without regard to the case of ASCII letters; `text` is in lower case.
  private static func isSame(_ bytes: Slice<UnsafeRawBufferPointer>, _ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount else { return false }
    return zip(bytes, 0..<bytes.count).allSatisfy { byte, index in
      let lower = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
      return lower == text.utf8Start[index]
    }
  }

  private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int? {
    guard !digits.isEmpty, digits.count <= 15 else { return nil }
    var number = 0
    for digit in digits {
      guard (0x30...0x39).contains(digit) else { return nil }
      number = number * 10 + Int(digit - 0x30)
    }
    return number
  }
}

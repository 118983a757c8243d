/// The text of JSON strings: reading escapes, writing the least of them, and RFC 8785's order.
enum JSONStrings {
  /// The value of four hexadecimal digits that are known to be such.
  static func hexUnit(_ digits: UnsafePointer<UInt8>) -> UInt32 {
    (0..<4).reduce(UInt32(0)) { $0 << 4 | hexDigit(digits[$1]) }
  }

  private static func hexDigit(_ byte: UInt8) -> UInt32 {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte) - 0x30
    default: (UInt32(byte) | 0x20) &- 0x57
    }
  }

  /// Appends the UTF-8 text of a string's inside (no quotes), with its escapes resolved.
  static func appendDecoded(_ inside: UnsafeRawBufferPointer, to text: inout [UInt8]) {
    _ = allBytes(of: inside) {
      text.append($0)
      return true
    }
  }

  /// Whether a string's inside, with its escapes resolved, is exactly `text`; allocates nothing,
  /// for every name of a body is compared with many.
  static func decodes(
    _ inside: UnsafeRawBufferPointer, to text: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    var count = 0
    let agree = allBytes(of: inside) {
      guard count < text.count, text[count] == $0 else { return false }
      count += 1
      return true
    }
    return agree && count == text.count
  }

  /// Whether `body` takes every byte of a string's inside with its escapes resolved; stops at the
  /// first that it does not.
  private static func allBytes(
    of inside: UnsafeRawBufferPointer, _ body: (UInt8) -> Bool
  ) -> Bool {
    guard let base = inside.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return true }
    var position = 0
    while position < inside.count {
      guard base[position] == UInt8(ascii: "\\") else {
        guard body(base[position]) else { return false }
        position += 1
        continue
      }
      let letter = base[position + 1]
      guard letter == UInt8(ascii: "u") else {
        guard body(plain(letter)) else { return false }
        position += 2
        continue
      }
      let scalar = scalar(at: base, &position)
      guard let scalar, let encoded = UTF8.encode(scalar) else { continue }
      guard encoded.allSatisfy(body) else { return false }
    }
    return true
  }

  /// Reads a `\u` escape, or the two of a surrogate pair, and steps over it.
  private static func scalar(
    at base: UnsafePointer<UInt8>, _ position: inout Int
  ) -> Unicode.Scalar? {
    var value = hexUnit(base + position + 2)
    position += 6
    if (0xD800..<0xDC00).contains(value) {
      let low = hexUnit(base + position + 2)
      value = 0x10000 + (value - 0xD800) << 10 + (low &- 0xDC00)
      position += 6
    }
    return Unicode.Scalar(value)
  }

  /// The byte that a one-letter escape stands for (RFC 8259, section 7).
  private static func plain(_ letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: letter
    }
  }

  /// Appends a quoted string with the escapes that RFC 8785, section 3.2.2.2, asks for and no
  /// others.
  static func appendQuoted(_ text: some Sequence<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    defer { output.append(UInt8(ascii: "\"")) }
    let isPlain = text.withContiguousStorageIfAvailable { bytes in
      guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) else { return false }
      output.append(contentsOf: bytes)
      return true
    }
    if isPlain == true { return }
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        output.append(UInt8(ascii: "\\"))
        output.append(byte)
      case 0x20...: output.append(byte)
      default: appendControl(byte, to: &output)
      }
    }
  }

  private static func appendControl(_ byte: UInt8, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: output.append(UInt8(ascii: "b"))
    case 0x09: output.append(UInt8(ascii: "t"))
    case 0x0A: output.append(UInt8(ascii: "n"))
    case 0x0C: output.append(UInt8(ascii: "f"))
    case 0x0D: output.append(UInt8(ascii: "r"))
    default:
      let digits = Array("0123456789abcdef".utf8)
      output.append(contentsOf: "u00".utf8)
      output.append(digits[Int(byte >> 4)])
      output.append(digits[Int(byte & 15)])
    }
  }

  /// Whether `left` comes before `right` when both are compared by UTF-16 code units
  /// (RFC 8785, section 3.2.3), worked out on their UTF-8.
  ///
  /// The two orders differ only between U+E000 ... U+FFFF (lead bytes EE and EF) and the
  /// supplementary planes (lead bytes from F0), whose surrogates sort below E000.
  static func precedes(
    _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
  ) -> Bool {
    let shared = min(left.count, right.count)
    var index = 0
    while index < shared, left[index] == right[index] { index += 1 }
    guard index < shared else { return left.count < right.count }
    let (a, b) = (left[index], right[index])
    if a >= 0xEE, b >= 0xEE, (a >= 0xF0) != (b >= 0xF0) { return a >= 0xF0 }
    return a < b
  }
}

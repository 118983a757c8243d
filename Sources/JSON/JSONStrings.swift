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
    guard let base = inside.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    var position = 0
    while position < inside.count {
      guard base[position] == UInt8(ascii: "\\") else {
        text.append(base[position])
        position += 1
        continue
      }
      let letter = base[position + 1]
      guard letter == UInt8(ascii: "u") else {
        text.append(plain(letter))
        position += 2
        continue
      }
      var scalar = hexUnit(base + position + 2)
      position += 6
      if (0xD800..<0xDC00).contains(scalar) {
        let low = hexUnit(base + position + 2)
        scalar = 0x10000 + (scalar - 0xD800) << 10 + (low &- 0xDC00)
        position += 6
      }
      appendScalar(scalar, to: &text)
    }
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

  private static func appendScalar(_ value: UInt32, to text: inout [UInt8]) {
    guard let scalar = Unicode.Scalar(value), let encoded = UTF8.encode(scalar) else { return }
    text.append(contentsOf: encoded)
  }

  /// Appends a quoted string with the escapes that RFC 8785, section 3.2.2.2, asks for and no
  /// others.
  static func appendQuoted(_ text: some Sequence<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        output.append(UInt8(ascii: "\\"))
        output.append(byte)
      case 0x20...: output.append(byte)
      default: appendControl(byte, to: &output)
      }
    }
    output.append(UInt8(ascii: "\""))
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

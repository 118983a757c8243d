/// 48 bits of milliseconds since 1970 and 80 random ones, written as 26 digits of Crockford's base 32,
/// so that their order as text is that of their making.
struct ULID: Hashable, Sendable {
  private let high: UInt64
  private let low: UInt64

  /// The length of the text form in bytes.
  static let textLength = 26

  private static let digits: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

  /// An id from the time in milliseconds since 1970 and two random words.
  init(milliseconds: UInt64, random: (UInt64, UInt64)) {
    high = milliseconds << 16 | random.0 & 0xFFFF
    low = random.1
  }

  /// Reads `prefix` and the digits after it; nil when it is none.
  init?(_ text: String, after prefix: String) {
    let bytes = Array(text.utf8)
    guard text.hasPrefix(prefix), bytes.count == prefix.utf8.count + Self.textLength else {
      return nil
    }
    var (high, low) = (UInt64(0), UInt64(0))
    for byte in bytes.suffix(Self.textLength) {
      let value = Self.digits.withUTF8Buffer { $0.firstIndex(of: byte) }
      guard let value, high >> 59 == 0 else { return nil }
      high = high << 5 | low >> 59
      low = low << 5 | UInt64(value)
    }
    self.high = high
    self.low = low
  }

  /// Appends `letter`, a hyphen and the digits.
  func append(to output: inout [UInt8], after letter: UInt8) {
    let length = Self.textLength + 2
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: length) { text in
      text[0] = letter
      text[1] = UInt8(ascii: "-")
      Self.digits.withUTF8Buffer { digits in
        var (high, low) = (high, low)
        for place in stride(from: length - 1, through: 2, by: -1) {
          text[place] = digits[Int(low & 31)]
          low = low >> 5 | high << 59
          high >>= 5
        }
      }
      output.append(contentsOf: text)
    }
  }
}

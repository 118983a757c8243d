/// The name of one request: a ULID (48 bits of milliseconds since 1970, 80 random ones), written
/// as `r-` and 26 digits of Crockford's base 32.
package struct RequestID: Hashable, Sendable, CustomStringConvertible {
  private let high: UInt64
  private let low: UInt64

  /// The length of the text form in bytes.
  package static let textLength = 28

  private static let digits: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

  /// An id from the time in milliseconds since 1970 and two random words.
  package init(milliseconds: UInt64, random: (UInt64, UInt64)) {
    high = milliseconds << 16 | random.0 & 0xFFFF
    low = random.1
  }

  /// Reads the text form; nil when it is none.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == Self.textLength, text.hasPrefix("r-") else { return nil }
    var (high, low) = (UInt64(0), UInt64(0))
    for byte in bytes.dropFirst(2) {
      let value = Self.digits.withUTF8Buffer { $0.firstIndex(of: byte) }
      guard let value, high >> 59 == 0 else { return nil }
      high = high << 5 | low >> 59
      low = low << 5 | UInt64(value)
    }
    self.high = high
    self.low = low
  }

  /// Appends the text form.
  package func append(to output: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.textLength) { text in
      text[0] = UInt8(ascii: "r")
      text[1] = UInt8(ascii: "-")
      Self.digits.withUTF8Buffer { digits in
        var (high, low) = (high, low)
        for place in stride(from: Self.textLength - 1, through: 2, by: -1) {
          text[place] = digits[Int(low & 31)]
          low = low >> 5 | high << 59
          high >>= 5
        }
      }
      output.append(contentsOf: text)
    }
  }

  package var description: String {
    var text: [UInt8] = []
    append(to: &text)
    return String(decoding: text, as: UTF8.self)
  }
}

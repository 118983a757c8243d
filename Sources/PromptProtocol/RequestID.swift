/// The name of one request: a ULID, written after `r-`.
package struct RequestID: Hashable, Sendable, CustomStringConvertible {
  private let ulid: ULID

  /// The length of the text form in bytes.
  package static let textLength = 2 + ULID.textLength

  /// An id from the time in milliseconds since 1970 and two random words.
  package init(milliseconds: UInt64, random: (UInt64, UInt64)) {
    ulid = ULID(milliseconds: milliseconds, random: random)
  }

  /// Reads the text form; nil when it is none.
  package init?(_ text: String) {
    guard let ulid = ULID(text, after: "r-") else { return nil }
    self.ulid = ulid
  }

  /// Appends the text form.
  package func append(to output: inout [UInt8]) {
    ulid.append(to: &output, after: UInt8(ascii: "r"))
  }

  package var description: String {
    var text: [UInt8] = []
    append(to: &text)
    return String(decoding: text, as: UTF8.self)
  }
}

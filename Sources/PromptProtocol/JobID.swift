/// The name of one job: a ULID, written after `j-`.
package struct JobID: Hashable, Sendable, CustomStringConvertible {
  private let ulid: ULID

  /// An id from the time in milliseconds since 1970 and two random words.
  package init(milliseconds: UInt64, random: (UInt64, UInt64)) {
    ulid = ULID(milliseconds: milliseconds, random: random)
  }

  /// Reads the text form; nil when it is none.
  package init?(_ text: String) {
    guard let ulid = ULID(text, after: "j-") else { return nil }
    self.ulid = ulid
  }

  package var description: String {
    var text: [UInt8] = []
    ulid.append(to: &text, after: UInt8(ascii: "j"))
    return String(decoding: text, as: UTF8.self)
  }
}

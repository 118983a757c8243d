/// The digests that begin with some hexadecimal digits.
package struct DigestRange: Equatable, Sendable {
  package let first: Digest
  package let last: Digest

  /// The fewest digits that are taken for the beginning of one.
  package static let fewestDigits = 8

  /// The digests that begin with these 8 to 64 digits; nil for anything else.
  package init?(hexPrefix digits: String) {
    let missing = 64 - digits.utf8.count
    guard (0...64 - Self.fewestDigits).contains(missing),
      let first = Digest(hex: digits + String(repeating: "0", count: missing)),
      let last = Digest(hex: digits + String(repeating: "f", count: missing))
    else { return nil }
    self.first = first
    self.last = last
  }

  /// Whether a digest begins with the digits.
  package func contains(_ digest: Digest) -> Bool {
    first.words <= digest.words && digest.words <= last.words
  }
}

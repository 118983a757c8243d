/// Splits text into what the sandbox calls tokens: a word with the white space before it.
enum TextPieces {
  /// The pieces in order, none empty, each at most a little longer than `longest` bytes of UTF-8;
  /// joined they are the text.
  static func split(_ text: String, longest: Int) -> [String] {
    let bytes = Array(text.utf8)
    var pieces: [String] = []
    var start = 0
    for index in bytes.indices.dropFirst() {
      // A byte of the form 10xxxxxx continues a character (RFC 3629, section 3).
      guard bytes[index] & 0xC0 != 0x80 else { continue }
      let beginsWord = isSpace(bytes[index]) && !isSpace(bytes[index - 1])
      guard beginsWord || index - start >= longest else { continue }
      pieces.append(String(decoding: bytes[start..<index], as: UTF8.self))
      start = index
    }
    if start < bytes.count { pieces.append(String(decoding: bytes[start...], as: UTF8.self)) }
    return pieces
  }

  /// The text up to the end of the first stop sequence to end in it, which the API includes.
  static func cut(_ text: String, after stops: [String]) -> String {
    guard !stops.isEmpty else { return text }
    let bytes = Array(text.utf8)
    let ends = stops.compactMap { stop in
      stop.isEmpty ? nil : bytes.firstRange(of: Array(stop.utf8))?.upperBound
    }
    guard let end = ends.min() else { return text }
    return String(decoding: bytes[..<end], as: UTF8.self)
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }
}

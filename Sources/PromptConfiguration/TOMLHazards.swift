/// Finds the text on which toml++ aborts the process instead of reporting an error, so that the
/// parser never sees it. None of it is valid where a key of promptd could take it.
///
/// Strings and comments are skipped by the parser's own rules. Text that is wrong in other ways may
/// be judged wrongly from there on, which does no harm: the parser stops at the same place.
struct TOMLHazards {
  /// What is wrong, and the offset of the byte where it is.
  struct Hazard: Equatable {
    var offset: Int
    var message: String
  }

  private let bytes: [UInt8]
  private let start: Int
  private var offset: Int
  /// Brackets that are open; a `[` begins a table only outside of all others.
  private var open: [UInt8] = []

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
    // The byte order mark (RFC 3629 section 6), which the parser skips too.
    start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    offset = start
  }

  /// The first hazard in a file's bytes, or nil.
  static func first(in bytes: [UInt8]) -> Hazard? {
    var scan = Self(bytes)
    return scan.headerHazard() ?? scan.run()
  }

  private mutating func run() -> Hazard? {
    while let byte = byte(offset) {
      if byte == UInt8(ascii: "#") {
        while let next = self.byte(offset), next != Self.newline { offset += 1 }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'"), canBeginString {
        skipString(quotedBy: byte)
      } else if let message = objection(to: byte) {
        return Hazard(offset: offset, message: message)
      } else {
        offset += 1
        if byte == Self.newline, let hazard = headerHazard() { return hazard }
      }
    }
    return nil
  }

  /// What is wrong with a byte that is neither in a string nor in a comment; nil if nothing is.
  private mutating func objection(to byte: UInt8) -> String? {
    switch byte {
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      open.append(byte)
      return nil
    // parse_array() lets parse_value() assert that no } comes next.
    case UInt8(ascii: "]"):
      return open.popLast() == UInt8(ascii: "[") ? nil : "a ] closes what no [ opened"
    case UInt8(ascii: "}"):
      return open.popLast() == UInt8(ascii: "{") ? nil : "a } closes what no { opened"
    // Here the parser is in the middle of a value, and sees no string begin.
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      return "a quotation mark stands in the middle of a value"
    // parse_time() asserts a digit at its start; only dates and times hold a colon unquoted.
    case UInt8(ascii: ":"): return Self.noMoment
    case UInt8(ascii: " "): return isAfterDate ? Self.noMoment : nil
    // parse_array() trips over U+0085, U+2028 and U+2029; TOML wants all of them in quotes.
    case 0x80...: return "a character that is not ASCII stands here without quotes"
    default: return nil
    }
  }

  private static let newline = UInt8(ascii: "\n")

  private static let noMoment =
    "a date, a time or a colon stands here without quotes, and no key takes one"

  private func byte(_ offset: Int) -> UInt8? {
    bytes.indices.contains(offset) ? bytes[offset] : nil
  }

  /// At the start of a line: parse_table_header() lets parse_key() assert that a key follows.
  private func headerHazard() -> Hazard? {
    var place = offset
    func skipBlanks() { while let next = byte(place), Self.blanks.contains(next) { place += 1 } }
    skipBlanks()
    guard open.isEmpty, byte(place) == UInt8(ascii: "[") else { return nil }
    place += 1
    skipBlanks()
    if byte(place) == UInt8(ascii: "[") { place += 1 }
    skipBlanks()
    guard let next = byte(place), !Self.keyStarts.contains(next), next != UInt8(ascii: "]")
    else { return nil }
    return Hazard(offset: place, message: "a table's name must follow the [")
  }

  private static let blanks = Array(" \t".utf8)

  private static let keyStarts = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_\"'".utf8)

  /// Whether what stands before the quotation mark lets a string begin.
  private var canBeginString: Bool {
    guard offset > start, let before = byte(offset - 1) else { return true }
    return " \t\r\n=[{,.".utf8.contains(before)
  }

  private mutating func skipString(quotedBy quote: UInt8) {
    let isMultiline = byte(offset + 1) == quote && byte(offset + 2) == quote
    offset += isMultiline ? 3 : 1
    while let byte = byte(offset) {
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        offset += 2
      } else if byte == quote, !isMultiline {
        offset += 1
        return
      } else if byte == quote, self.byte(offset + 1) == quote, self.byte(offset + 2) == quote {
        offset += 3
        // Up to two more belong to the text.
        for _ in 0..<2 where self.byte(offset) == quote { offset += 1 }
        return
      } else if byte == Self.newline, !isMultiline {
        return
      } else {
        offset += 1
      }
    }
  }

  /// Whether the space follows ten characters, underscores aside, that look like a date, and a
  /// digit comes next: parse_value() then takes it for a time and asserts that more follows.
  private var isAfterDate: Bool {
    guard let next = byte(offset + 1), (48...57).contains(next) else { return false }
    var place = offset - 1
    var length = 0
    var dashes: [Int] = []
    while length < 10, let before = byte(place), !Self.terminators.contains(before) {
      if before == UInt8(ascii: "-") { dashes.append(length) }
      if before != UInt8(ascii: "_") { length += 1 }
      place -= 1
    }
    return dashes.contains(2) && dashes.contains(5)
  }

  private static let terminators = Array(" \t\r\n\u{b}\u{c}]},#".utf8)
}

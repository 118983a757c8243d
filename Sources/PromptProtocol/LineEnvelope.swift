import Glibc

/// The body of a line that has the usual form, found without parsing it: a bare one, or the params of
/// `{"jsonrpc":"2.0","id":…,"method":"chat","params":…}`, members in this order, with or without
/// spaces between them.
///
/// It is only for bodies that are known, byte for byte, as whole objects: then the line is well formed
/// too. Of any other line it says nothing.
package struct LineEnvelope: Equatable {
  /// Where the id of a call is, as it is written; nil for a bare body.
  package let id: Range<Int>?
  /// Where the body is.
  package let body: Range<Int>

  /// Longer ids are left to the parser.
  private static let longestID = 64

  /// Nil for a line of another form.
  package init?(_ line: UnsafeRawBufferPointer) {
    var rest = Rest(line)
    guard rest.take("{") else { return nil }
    guard rest.take("\"jsonrpc\"") else {
      (id, body) = (nil, 0..<line.count)
      return
    }
    guard rest.takeVersion(), let id = rest.takeID(), rest.takeMethod(),
      let body = rest.allButTheBrace
    else { return nil }
    (self.id, self.body) = (id, body)
  }

  /// What is left of a line.
  private struct Rest {
    let line: UnsafeRawBufferPointer
    var place = 0

    init(_ line: UnsafeRawBufferPointer) { self.line = line }

    private mutating func skipSpaces() {
      while place < line.count, line[place] == UInt8(ascii: " ") { place += 1 }
    }

    /// Goes past a token and the spaces before it; false where there is another.
    mutating func take(_ token: StaticString) -> Bool {
      skipSpaces()
      let count = token.utf8CodeUnitCount
      guard let start = line.baseAddress, line.count - place >= count,
        memcmp(start + place, token.utf8Start, count) == 0
      else { return false }
      place += count
      return true
    }

    /// What stands between the name `jsonrpc` and the id.
    mutating func takeVersion() -> Bool {
      // As most write it, in one look.
      take(":\"2.0\",\"id\":")
        || take(":") && take("\"2.0\"") && take(",") && take("\"id\"") && take(":")
    }

    /// What stands between the id and the body.
    mutating func takeMethod() -> Bool {
      take(",\"method\":\"chat\",\"params\":")
        || take(",") && take("\"method\"") && take(":") && take("\"chat\"") && take(",")
          && take("\"params\"") && take(":")
    }

    /// Goes past an id of digits, or of text that needs no escapes; returns where it is.
    mutating func takeID() -> Range<Int>? {
      skipSpaces()
      let start = place
      guard place < line.count else { return nil }
      let isText = line[place] == UInt8(ascii: "\"")
      if isText { place += 1 }
      while place < line.count, place - start < LineEnvelope.longestID,
        isText ? Self.isPlain(line[place]) : Self.isDigit(line[place])
      { place += 1 }
      if isText {
        guard place < line.count, line[place] == UInt8(ascii: "\"") else { return nil }
        place += 1
        return start..<place
      }
      // RFC 8259, section 6: no leading zero. Nineteen digits may be too many for an integer.
      let count = place - start
      let isNumber = count > 0 && count < 19 && (count == 1 || line[start] != UInt8(ascii: "0"))
      return isNumber ? start..<place : nil
    }

    /// What stands before the brace at the end and the spaces before it.
    var allButTheBrace: Range<Int>? {
      var (start, end) = (place, line.count)
      guard end > start, line[end - 1] == UInt8(ascii: "}") else { return nil }
      end -= 1
      while end > start, line[end - 1] == UInt8(ascii: " ") { end -= 1 }
      while start < end, line[start] == UInt8(ascii: " ") { start += 1 }
      return start < end ? start..<end : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// ASCII that is neither a control character nor to be escaped.
    private static func isPlain(_ byte: UInt8) -> Bool {
      (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
  }
}

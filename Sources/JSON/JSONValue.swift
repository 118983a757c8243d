import Glibc

/// One value inside a parsed document: a pointer into its bytes and its index, valid only within
/// the `withDocument` that lent it. Copying it costs nothing and allocates nothing.
package struct JSONValue {
  let bytes: UnsafePointer<UInt8>
  let nodes: UnsafePointer<JSONNode>
  let index: Int

  private var node: JSONNode { nodes[index] }

  package var kind: JSONKind { node.kind }

  /// A string that holds at least one backslash escape.
  var hasEscapes: Bool { node.hasEscapes }

  /// Offsets of the value in the document's bytes; quotes and brackets included.
  package var range: Range<Int> { Int(node.start)..<Int(node.end) }

  /// The bytes as they were written.
  package var raw: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: bytes + Int(node.start), count: Int(node.end) - Int(node.start))
  }

  /// The bytes between the quotes of a string, escapes as written.
  var inside: UnsafeRawBufferPointer {
    let (start, end) = (Int(node.start) + 1, Int(node.end) - 1)
    return UnsafeRawBufferPointer(start: bytes + start, count: max(0, end - start))
  }

  /// A string's text in UTF-8, escapes resolved; empty for other kinds.
  package var utf8: [UInt8] {
    guard kind == .string else { return [] }
    guard hasEscapes else { return Array(inside) }
    var text: [UInt8] = []
    text.reserveCapacity(inside.count)
    JSONStrings.appendDecoded(inside, to: &text)
    return text
  }

  /// A string's text, or nil for other kinds.
  package var string: String? {
    guard kind == .string else { return nil }
    if hasEscapes { return String(decoding: utf8, as: UTF8.self) }
    return String(decoding: inside, as: UTF8.self)
  }

  package var bool: Bool? { kind == .bool ? raw.first == UInt8(ascii: "t") : nil }

  package var isNull: Bool { kind == .null }

  /// A number as a double (rounded when it has more digits than one holds), or nil.
  package var double: Double? {
    guard kind == .integer || kind == .double else { return nil }
    // Not strtod, which knows no end: what follows the last number of an input may be digits.
    return Double(String(decoding: raw, as: UTF8.self))
  }

  /// An integer that fits, or a double that is whole and below 2^53 in size; else nil.
  package var int: Int? {
    if kind == .integer { return Int(String(decoding: raw, as: UTF8.self)) }
    guard kind == .double, let value = double, value.magnitude < 0x1p53 else { return nil }
    return Int(exactly: value)
  }

  /// Whether this is a string with exactly this text.
  package func isString(_ text: StaticString) -> Bool {
    guard kind == .string else { return false }
    // Six bytes at most stand for one, so a long string is told apart without being decoded.
    guard raw.count <= 6 * text.utf8CodeUnitCount + 2 else { return false }
    if hasEscapes { return text.withUTF8Buffer { JSONStrings.decodes(inside, to: $0) } }
    let own = inside
    guard own.count == text.utf8CodeUnitCount else { return false }
    guard own.count > 0, let start = own.baseAddress else { return true }
    return memcmp(start, text.utf8Start, own.count) == 0
  }

  /// The member of an object with this name, or nil.
  package subscript(_ name: StaticString) -> JSONValue? {
    members.first { $0.name.isString(name) }?.value
  }

  /// The values inside an array; none for other kinds.
  package var elements: JSONElements { JSONElements(children: children(of: .array)) }

  /// The members of an object in their written order; none for other kinds.
  package var members: JSONMembers { JSONMembers(children: children(of: .object)) }

  /// The direct children, names and values alike.
  func children() -> JSONChildren {
    JSONChildren(bytes: bytes, nodes: nodes, index: index + 1, end: Int(node.next))
  }

  private func children(of kind: JSONKind) -> JSONChildren {
    guard self.kind == kind else {
      return JSONChildren(bytes: bytes, nodes: nodes, index: 0, end: 0)
    }
    return children()
  }
}

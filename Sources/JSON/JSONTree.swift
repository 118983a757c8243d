/// A JSON value as a tree of its own, for code that is not on the way of a request: tools, tests
/// and the sandbox. Numbers keep the bytes they were written with.
package indirect enum JSONTree: Equatable, Sendable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSONTree])
  case object([Member])

  /// One member of an object.
  package struct Member: Equatable, Sendable {
    package var name: String
    package var value: JSONTree

    package init(_ name: String, _ value: JSONTree) {
      self.name = name
      self.value = value
    }
  }

  /// Copies a parsed value.
  package init(_ value: JSONValue) {
    switch value.kind {
    case .null: self = .null
    case .bool: self = .bool(value.bool == true)
    case .integer, .double: self = .number(String(decoding: value.raw, as: UTF8.self))
    case .string: self = .string(value.string ?? "")
    case .array: self = .array(value.elements.map(JSONTree.init))
    case .object:
      self = .object(value.members.map { Member($0.name.string ?? "", JSONTree($0.value)) })
    }
  }

  /// Parses bytes; throws `JSONError`.
  package init(parsing bytes: some Collection<UInt8>) throws {
    self = try JSONParser().withDocument(of: bytes) { JSONTree($0) }
  }

  /// The member with this name; nil when there is none, or when this is no object.
  package subscript(_ name: String) -> JSONTree? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// The element at this index; nil past the end, or when this is no array.
  package subscript(_ index: Int) -> JSONTree? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  package var string: String? { if case .string(let text) = self { text } else { nil } }

  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  package var int: Int? { if case .number(let text) = self { Int(text) } else { nil } }

  package var double: Double? { if case .number(let text) = self { Double(text) } else { nil } }

  package var array: [JSONTree]? { if case .array(let elements) = self { elements } else { nil } }

  package var members: [Member]? { if case .object(let members) = self { members } else { nil } }

  /// The compact text of the tree.
  package var text: String {
    var writer = JSONWriter()
    write(to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// Writes the tree as one value.
  package func write(to writer: inout JSONWriter) {
    switch self {
    case .null: writer.null()
    case .bool(let value): writer.bool(value)
    case .number(let text): writer.raw(text.utf8)
    case .string(let text): writer.string(text)
    case .array(let elements): writer.array { for element in elements { element.write(to: &$0) } }
    case .object(let members):
      writer.object {
        for member in members {
          $0.name(member.name)
          member.value.write(to: &$0)
        }
      }
    }
  }
}

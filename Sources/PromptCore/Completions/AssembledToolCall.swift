import JSON

/// One tool call of a streamed answer, as far as it came.
struct AssembledToolCall: Sendable {
  private var id: [UInt8]?
  private var type: [UInt8]?
  private var name: [UInt8] = []
  private var arguments: [UInt8] = []
  /// Whether it calls a function; there are other tools.
  private var hasFunction = false
  private var others = AssembledObject()

  /// Whether this is its id.
  func isNamed(_ id: JSONValue) -> Bool { self.id.map { id.raw.elementsEqual($0) } ?? false }

  /// Adds one element of a delta's `tool_calls`; returns how many bytes of arguments it brought.
  mutating func add(_ call: JSONValue) -> Int {
    if let value = call["id"], !value.isNull { id = Array(value.raw) }
    if let value = call["type"], !value.isNull { type = Array(value.raw) }
    for (name, value) in call.members
    where !["index", "id", "type", "function"].contains(where: name.isString) {
      others.add(name.string ?? "", value)
    }
    let function = call["function"]
    if function != nil { hasFunction = true }
    // Some servers repeat the name in every chunk: it comes whole, and once is enough.
    if name.isEmpty, let text = function?["name"]?.utf8 { name = text }
    let piece = function?["arguments"]?.utf8 ?? []
    arguments += piece
    return piece.count
  }

  /// Writes the call as an element of `tool_calls`.
  func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.name("id")
      writer.raw(id ?? Array("null".utf8))
      writer.name("type")
      writer.raw(type ?? Array(#""function""#.utf8))
      if hasFunction || others.isEmpty {
        writer.name("function")
        writer.object {
          $0.name("name")
          $0.string(utf8: name)
          $0.name("arguments")
          $0.string(utf8: arguments)
        }
      }
      others.writeMembers(to: &writer)
    }
  }
}

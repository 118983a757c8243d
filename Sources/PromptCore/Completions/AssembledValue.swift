import JSON

/// A member that is not known here, put together from what the chunks say of it, as the API's own
/// clients do it: texts and lists are continued, objects are member by member, and of anything else
/// the last one holds.
indirect enum AssembledValue: Sendable {
  case text([UInt8])
  case list(AssembledList)
  case object(AssembledObject)
  /// As written.
  case other([UInt8])

  init(_ value: JSONValue) {
    switch value.kind {
    case .string: self = .text(value.utf8)
    case .array: self = .list(AssembledList(value))
    case .object: self = .object(AssembledObject(value))
    default: self = .other(Array(value.raw))
    }
  }

  /// Adds what a later chunk says; null says nothing.
  mutating func add(_ value: JSONValue) {
    switch (self, value.kind) {
    case (_, .null): return
    case (.text(var text), .string):
      self = .other([])  // so that appending copies nothing
      text += value.utf8
      self = .text(text)
    case (.list(var list), .array):
      self = .other([])
      list.add(value)
      self = .list(list)
    case (.object(var object), .object):
      self = .other([])
      object.add(value)
      self = .object(object)
    default: self = Self(value)
    }
  }

  func write(to writer: inout JSONWriter) {
    switch self {
    case .text(let text): writer.string(utf8: text)
    case .list(let list): list.write(to: &writer)
    case .object(let object): writer.object { object.writeMembers(to: &$0) }
    case .other(let json): writer.raw(json)
    }
  }
}

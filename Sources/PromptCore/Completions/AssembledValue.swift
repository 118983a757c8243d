import JSON

/// A member that is not known here, put together from what the chunks say of it, as the API's own
/// clients do it: texts and lists are continued, objects are member by member, and of anything else
/// the last one holds.
indirect enum AssembledValue: Sendable {
  case text([UInt8])
  case list([AssembledValue])
  case object(AssembledObject)
  /// As written.
  case other([UInt8])

  init(_ value: JSONValue) {
    switch value.kind {
    case .string: self = .text(value.utf8)
    case .array: self = .list(value.elements.map(Self.init(element:)))
    case .object: self = .object(AssembledObject(value))
    default: self = .other(Array(value.raw))
    }
  }

  /// An element is continued only where it says which it is.
  private init(element: JSONValue) {
    self = element["index"]?.int == nil ? .other(Array(element.raw)) : Self(element)
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
      for element in value.elements { Self.add(element, to: &list) }
      self = .list(list)
    case (.object(var object), .object):
      self = .other([])
      object.add(value)
      self = .object(object)
    default: self = Self(value)
    }
  }

  private static func add(_ element: JSONValue, to list: inout [AssembledValue]) {
    if let index = element["index"]?.int,
      let known = list.firstIndex(where: { $0.index == index })
    {
      list[known].add(element)
    } else {
      list.append(Self(element: element))
    }
  }

  private var index: Int? {
    if case .object(let object) = self { object.index } else { nil }
  }

  func write(to writer: inout JSONWriter) {
    switch self {
    case .text(let text): writer.string(utf8: text)
    case .list(let list): writer.array { for value in list { value.write(to: &$0) } }
    case .object(let object): writer.object { object.writeMembers(to: &$0) }
    case .other(let json): writer.raw(json)
    }
  }
}

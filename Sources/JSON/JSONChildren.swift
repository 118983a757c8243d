/// Walks the direct children of one array or object, names and values alike.
struct JSONChildren: IteratorProtocol {
  let bytes: UnsafePointer<UInt8>
  let nodes: UnsafePointer<JSONNode>
  var index: Int
  let end: Int

  mutating func next() -> JSONValue? {
    guard index < end else { return nil }
    defer { index = Int(nodes[index].next) }
    return JSONValue(bytes: bytes, nodes: nodes, index: index)
  }
}

/// The values of an array, in order.
package struct JSONElements: Sequence, IteratorProtocol {
  var children: JSONChildren

  package mutating func next() -> JSONValue? { children.next() }
}

/// The members of an object, in order.
package struct JSONMembers: Sequence, IteratorProtocol {
  var children: JSONChildren

  package mutating func next() -> (name: JSONValue, value: JSONValue)? {
    guard let name = children.next(), let value = children.next() else { return nil }
    return (name, value)
  }
}

extension JSONValue? {
  /// The values of an array that may be missing.
  package var elements: [JSONValue] {
    guard let value = self else { return [] }
    return Array(value.elements)
  }

  /// The members of an object that may be missing.
  package var members: [(name: JSONValue, value: JSONValue)] {
    guard let value = self else { return [] }
    return Array(value.members)
  }
}

/// Canonical JSON after RFC 8785, with two exceptions, each for a reason: integers keep all their
/// digits (a 64-bit seed is not a double), and members may keep their order where a model sees it.
package enum CanonicalJSON {
  /// Appends the canonical form of `value`; with `keepingOrder` its objects are not sorted, at
  /// any depth.
  package static func append(
    _ value: JSONValue, keepingOrder: Bool = false, to output: inout [UInt8]
  ) {
    switch value.kind {
    case .null, .bool: output.append(contentsOf: value.raw)
    case .integer, .double: CanonicalNumber.append(value, to: &output)
    case .string: appendString(value, to: &output)
    case .array:
      output.append(UInt8(ascii: "["))
      var first = true
      for element in value.elements {
        separate(&first, &output)
        append(element, keepingOrder: keepingOrder, to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object:
      withMembers(of: value, sorted: !keepingOrder, where: { _, _ in true }) { members in
        append(members: members, keepingOrder: { _ in keepingOrder }, to: &output)
      }
    }
  }

  /// Appends an object made of these members as they come, each value canonical.
  package static func append(
    members: UnsafeMutableBufferPointer<JSONMembers.Element>,
    keepingOrder: (JSONValue) -> Bool, to output: inout [UInt8]
  ) {
    output.append(UInt8(ascii: "{"))
    var first = true
    for (name, value) in members {
      separate(&first, &output)
      appendString(name, to: &output)
      output.append(UInt8(ascii: ":"))
      append(value, keepingOrder: keepingOrder(name), to: &output)
    }
    output.append(UInt8(ascii: "}"))
  }

  /// Lends the members of an object that are wanted, by the UTF-16 order of their names (RFC 8785,
  /// section 3.2.3) or as they were written. They stand on the stack: every message is an object.
  package static func withMembers<Result>(
    of object: JSONValue, sorted: Bool = true, where isWanted: (JSONValue, JSONValue) -> Bool,
    _ body: (UnsafeMutableBufferPointer<JSONMembers.Element>) -> Result
  ) -> Result {
    let most = object.members.reduce(0) { count, _ in count + 1 }
    return withUnsafeTemporaryAllocation(of: JSONMembers.Element.self, capacity: most) { room in
      var count = 0
      var hasEscapes = false
      for (name, value) in object.members where isWanted(name, value) {
        room.initializeElement(at: count, to: (name, value))
        hasEscapes = hasEscapes || name.hasEscapes
        count += 1
      }
      let members = UnsafeMutableBufferPointer(rebasing: room[..<count])
      defer { members.deinitialize() }
      if sorted { sort(members, hasEscapes: hasEscapes) }
      return body(members)
    }
  }

  private static func sort(
    _ members: UnsafeMutableBufferPointer<JSONMembers.Element>, hasEscapes: Bool
  ) {
    var members = members
    guard hasEscapes else {
      return members.sort { JSONStrings.precedes($0.name.inside, $1.name.inside) }
    }
    let decoded = members.map { (text: $0.name.utf8, member: $0) }.sorted { left, right in
      left.text.withUnsafeBytes { a in right.text.withUnsafeBytes { JSONStrings.precedes(a, $0) } }
    }
    for (index, entry) in decoded.enumerated() { members[index] = entry.member }
  }

  private static func appendString(_ value: JSONValue, to output: inout [UInt8]) {
    if value.hasEscapes {
      JSONStrings.appendQuoted(value.utf8, to: &output)
    } else {
      output.append(contentsOf: value.raw)
    }
  }

  private static func separate(_ first: inout Bool, _ output: inout [UInt8]) {
    if !first { output.append(UInt8(ascii: ",")) }
    first = false
  }
}

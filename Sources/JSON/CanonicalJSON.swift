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
      let members = keepingOrder ? Array(value.members) : sortedMembers(of: value)
      append(members: members, keepingOrder: { _ in keepingOrder }, to: &output)
    }
  }

  /// Appends an object made of these members as they come, each value canonical.
  package static func append(
    members: [(name: JSONValue, value: JSONValue)],
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

  /// The members of an object by the UTF-16 order of their names (RFC 8785, section 3.2.3).
  package static func sortedMembers(
    of object: JSONValue
  ) -> [(name: JSONValue, value: JSONValue)] {
    var members = Array(object.members)
    guard members.contains(where: \.name.hasEscapes) else {
      members.sort { JSONStrings.precedes($0.name.inside, $1.name.inside) }
      return members
    }
    let decoded = members.map { (text: $0.name.utf8, member: $0) }
    return decoded.sorted { left, right in
      left.text.withUnsafeBytes { a in right.text.withUnsafeBytes { JSONStrings.precedes(a, $0) } }
    }.map(\.member)
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

import JSON

/// Makes a value that satisfies a JSON schema (2020-12), as far as one can be made by looking:
/// `pattern`, `not`, `if` and `uniqueItems` are not looked at.
struct SchemaExample {
  /// The whole schema, to which `$ref` refers.
  private let root: JSONTree
  /// How many values may still be made: a schema may ask for itself without end.
  private var budget = 10_000

  /// Below this depth nothing is added that the schema does not require.
  private static let generousDepth = 6
  private static let maximumDepth = 64

  private init(root: JSONTree) { self.root = root }

  /// An example of `schema`; strings are called after the property that holds them.
  static func value(of schema: JSONTree) -> JSONTree {
    var maker = Self(root: schema)
    return maker.value(schema, name: "answer", depth: 0)
  }

  private mutating func value(_ schema: JSONTree, name: String, depth: Int) -> JSONTree {
    budget -= 1
    guard budget > 0, depth < Self.maximumDepth else { return .null }
    let schema = merged(schema, depth: depth)
    if let value = schema["const"] ?? schema["enum"]?[0] { return value }
    if let reference = schema["$ref"]?.string {
      return value(resolved(reference), name: name, depth: depth + 1)
    }
    if let alternatives = schema["anyOf"]?.array ?? schema["oneOf"]?.array {
      let isNull = { (schema: JSONTree) in schema["type"]?.string == "null" }
      let plain = alternatives.first { !isNull($0) } ?? .object([])
      let wayOut = depth > Self.generousDepth ? alternatives.first(where: isNull) : nil
      return value(wayOut ?? plain, name: name, depth: depth + 1)
    }
    switch Self.type(of: schema) {
    case "null": return .null
    case "boolean": return .bool(true)
    case "integer": return SchemaNumber(schema, isInteger: true).example
    case "number": return SchemaNumber(schema, isInteger: false).example
    case "array": return array(schema, name: name, depth: depth)
    case "object": return object(schema, depth: depth)
    default: return .string(string(schema, name: name))
    }
  }

  /// The first type it names, or the one whose keywords it uses.
  private static func type(of schema: JSONTree) -> String {
    if let type = schema["type"]?.string ?? schema["type"]?[0]?.string { return type }
    let hints = [
      ("properties", "object"), ("required", "object"), ("items", "array"),
      ("minItems", "array"), ("minimum", "number"), ("maximum", "number"),
    ]
    return hints.first { schema[$0.0] != nil }?.1 ?? "string"
  }

  /// The schema with the members of its `allOf` taken in: properties and requirements add up,
  /// and of other members the first counts.
  private mutating func merged(_ schema: JSONTree, depth: Int) -> JSONTree {
    budget -= 1
    guard let parts = schema["allOf"]?.array, let own = schema.members, budget > 0,
      depth < Self.maximumDepth
    else { return schema }
    var members = own.filter { $0.name != "allOf" }
    for part in parts {
      let part = merged(part["$ref"]?.string.map(resolved) ?? part, depth: depth + 1)
      for member in part.members ?? [] {
        guard let known = members.firstIndex(where: { $0.name == member.name }) else {
          members.append(member)
          continue
        }
        switch (members[known].value, member.value) {
        case (.object(let left), .object(let right)): members[known].value = .object(left + right)
        case (.array(let left), .array(let right)): members[known].value = .array(left + right)
        default: continue
        }
      }
    }
    return .object(members)
  }

  /// What a reference such as `#/$defs/city` points at (RFC 6901); an empty schema for others.
  private func resolved(_ reference: String) -> JSONTree {
    guard reference.hasPrefix("#") else { return .object([]) }
    let path = reference.dropFirst().split(separator: "/")
    return path.reduce(root) { place, name in
      Int(name).flatMap { place[$0] } ?? place[String(name)] ?? .object([])
    }
  }

  private mutating func object(_ schema: JSONTree, depth: Int) -> JSONTree {
    let required = schema["required"]?.array?.compactMap(\.string) ?? []
    let properties = schema["properties"]?.members ?? []
    var members: [JSONTree.Member] = []
    for property in properties
    where depth <= Self.generousDepth || required.contains(property.name) {
      members.append(
        .init(property.name, value(property.value, name: property.name, depth: depth + 1)))
    }
    for name in required where !members.contains(where: { $0.name == name }) {
      members.append(.init(name, .string(name)))
    }
    return .object(members)
  }

  private mutating func array(_ schema: JSONTree, name: String, depth: Int) -> JSONTree {
    var elements: [JSONTree] = []
    for place in schema["prefixItems"]?.array ?? [] {
      elements.append(value(place, name: name, depth: depth + 1))
    }
    let least = schema["minItems"]?.int ?? 0
    let most = schema["maxItems"]?.int ?? .max
    let items = schema["items"]
    let friendly = items != nil && items != .bool(false) && depth <= Self.generousDepth ? 1 : 0
    while elements.count < min(max(least, friendly), most), budget > 0 {
      elements.append(value(items ?? .object([]), name: name, depth: depth + 1))
    }
    return .array(elements)
  }

  private mutating func string(_ schema: JSONTree, name: String) -> String {
    let formats = [
      "date-time": "2025-01-01T00:00:00Z", "date": "2025-01-01", "time": "00:00:00Z",
      "email": "sandbox@example.com", "uri": "https://example.com/", "ipv4": "192.0.2.1",
      "uuid": "00000000-0000-4000-8000-000000000000",
    ]
    let text = schema["format"]?.string.flatMap { formats[$0] } ?? name
    let least = min(schema["minLength"]?.int ?? 0, 1 << 16)
    let most = max(schema["maxLength"]?.int ?? .max, 0)
    let missing = max(0, least - text.unicodeScalars.count)
    budget -= missing / 64
    let padded = text + String(repeating: "x", count: missing)
    // Lengths are counted in code points (RFC 8259, section 1, by way of JSON Schema).
    return String(String.UnicodeScalarView(padded.unicodeScalars.prefix(most)))
  }
}

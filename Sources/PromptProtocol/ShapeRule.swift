import JSON

/// What objects inside of parameters must hold. Types that the API does not document are left to
/// the upstream: servers have tools and parts of their own.
enum ShapeRule {
  // MARK: Parts

  /// The fault of a message's content that is one part or an array of them.
  static func content(_ value: JSONValue) -> MemberFault? {
    guard value.kind == .array else { return part(value) }
    var count = 0
    for element in value.elements {
      if let fault = part(element) { return fault.inside("[\(count)]") }
      count += 1
    }
    return count == 0 ? MemberFault("must hold at least one part") : nil
  }

  private static func part(_ value: JSONValue) -> MemberFault? {
    guard value.kind == .object else { return .kind("", "an object", value) }
    guard let type = value["type"] else { return .missing(".type") }
    guard type.kind == .string else { return .kind(".type", "a string", type) }
    if type.isString("text") { return text(value, "text") }
    if type.isString("image_url") { return address(value, "image_url") }
    if type.isString("video_url") { return address(value, "video_url") }
    return nil
  }

  private static func address(_ part: JSONValue, _ name: StaticString) -> MemberFault? {
    guard let value = part[name] else { return .missing(".\(name)") }
    switch value.kind {
    case .string: return nil
    case .object: return text(value, "url")?.inside(".\(name)")
    case .null, .bool, .integer, .double, .array:
      return .kind(".\(name)", "a string or an object with url", value)
    }
  }

  // MARK: Tools

  /// The fault of `tools`.
  static func tools(_ value: JSONValue) -> MemberFault? {
    guard value.kind == .array else { return .kind("", "an array", value) }
    var count = 0
    for element in value.elements {
      if let fault = tool(element) { return fault.inside("[\(count)]") }
      count += 1
    }
    return nil
  }

  private static func tool(_ value: JSONValue) -> MemberFault? {
    guard value.kind == .object else { return .kind("", "an object", value) }
    guard let type = value["type"] else { return .missing(".type") }
    guard type.kind == .string else { return .kind(".type", "a string", type) }
    guard type.isString("function") else { return nil }
    guard let function = value["function"] else { return .missing(".function") }
    guard function.kind == .object else { return .kind(".function", "an object", function) }
    let fault =
      text(function, "name") ?? optional(function, "description", .string, "a string")
      ?? optional(function, "parameters", .object, "an object")
      ?? optional(function, "strict", .bool, "a boolean")
    return fault?.inside(".function")
  }

  // MARK: Formats

  /// The fault of `response_format`.
  static func format(_ value: JSONValue) -> MemberFault? {
    guard value.kind == .object else { return .kind("", "an object", value) }
    guard let type = value["type"] else { return .missing(".type") }
    if type.isString("text") || type.isString("json_object") { return nil }
    guard type.isString("json_schema") else {
      return MemberFault("must be one of text, json_object, json_schema", at: ".type")
    }
    guard let schema = value["json_schema"] else { return .missing(".json_schema") }
    guard schema.kind == .object else { return .kind(".json_schema", "an object", schema) }
    guard schema["schema"] != nil else { return .missing(".json_schema.schema") }
    let fault =
      text(schema, "name") ?? optional(schema, "schema", .object, "an object")
      ?? optional(schema, "description", .string, "a string")
      ?? optional(schema, "strict", .bool, "a boolean")
    return fault?.inside(".json_schema")
  }

  /// The fault of `stream_options`.
  static func streamOptions(_ value: JSONValue) -> MemberFault? {
    guard value.kind == .object else { return .kind("", "an object", value) }
    return optional(value, "include_usage", .bool, "a boolean")
  }

  // MARK: Members

  private static func text(_ object: JSONValue, _ name: StaticString) -> MemberFault? {
    guard let value = object[name] else { return .missing(".\(name)") }
    return value.kind == .string ? nil : .kind(".\(name)", "a string", value)
  }

  private static func optional(
    _ object: JSONValue, _ name: StaticString, _ kind: JSONKind, _ wanted: String
  ) -> MemberFault? {
    guard let value = object[name], !value.isNull, value.kind != kind else { return nil }
    return .kind(".\(name)", wanted, value)
  }
}

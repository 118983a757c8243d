package import JSON

/// What one element of `messages` may be.
package enum MessageRule {
  private static let roles: [StaticString] = [
    "user", "system", "assistant", "tool", "developer", "function",
  ]

  /// The member at fault (`.role`, or nothing for the message itself) and the rest of a sentence;
  /// nil when the message is fine.
  package static func fault(
    _ message: JSONValue, validate: Bool
  ) -> (member: String, text: String)? {
    guard message.kind == .object else {
      return ("", "must be an object, not \(message.kind.name)")
    }
    guard validate else { return nil }
    guard let role = message["role"] else { return (".role", "is missing: it is required") }
    guard roles.contains(where: role.isString) else {
      let names = roles.map(\.description).joined(separator: ", ")
      return (".role", "must be one of \(names)")
    }
    if let name = message["name"], name.kind != .string, !name.isNull {
      return (".name", "must be a string, not \(name.kind.name)")
    }
    return contentFault(message)
  }

  private static func contentFault(_ message: JSONValue) -> (member: String, text: String)? {
    guard let content = message["content"] else { return nil }
    switch content.kind {
    case .string, .array, .object: return nil
    case .null:
      if message["tool_calls"] != nil || message["function_call"] != nil { return nil }
      return (".content", "may be null only beside tool_calls")
    case .bool, .integer, .double:
      return (".content", "must be a string or an array of parts, not \(content.kind.name)")
    }
  }
}

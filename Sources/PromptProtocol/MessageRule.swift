package import JSON

/// What one element of `messages` may be.
package enum MessageRule {
  private static let roles: [StaticString] = [
    "user", "system", "assistant", "tool", "developer", "function",
  ]

  /// What is wrong with a message; nil when it is fine.
  package static func fault(_ message: JSONValue, validate: Bool) -> MemberFault? {
    guard message.kind == .object else { return .kind("", "an object", message) }
    guard validate else { return nil }
    guard let role = message["role"] else { return .missing(".role") }
    guard roles.contains(where: role.isString) else {
      let names = roles.map(\.description).joined(separator: ", ")
      return MemberFault("must be one of \(names)", at: ".role")
    }
    if let name = message["name"], name.kind != .string, !name.isNull {
      return .kind(".name", "a string", name)
    }
    if let calls = message["tool_calls"], calls.kind != .array, !calls.isNull {
      return .kind(".tool_calls", "an array", calls)
    }
    return contentFault(message, role)
  }

  private static func contentFault(_ message: JSONValue, _ role: JSONValue) -> MemberFault? {
    guard let content = message["content"] else {
      // What an assistant said may be calls, thoughts or a refusal alone.
      return role.isString("assistant") ? nil : .missing(".content")
    }
    switch content.kind {
    case .string: return nil
    case .array, .object: return ShapeRule.content(content)?.inside(".content")
    case .null:
      if role.isString("assistant"), hasCalls(message) { return nil }
      return MemberFault("may be null only beside tool_calls", at: ".content")
    case .bool, .integer, .double:
      return .kind(".content", "a string or an array of parts", content)
    }
  }

  private static func hasCalls(_ message: JSONValue) -> Bool {
    message["tool_calls"]?.isNull == false || message["function_call"]?.isNull == false
  }
}

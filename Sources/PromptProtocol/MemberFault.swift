import JSON

/// What is wrong inside of a parameter, and where.
package struct MemberFault: Equatable, Sendable {
  /// The way from the parameter to the member at fault, such as `[0].function.name`; empty for the
  /// parameter itself.
  package var path: String
  /// The rest of a sentence that begins with the member.
  package var text: String

  package init(_ text: String, at path: String = "") {
    self.path = path
    self.text = text
  }

  /// The fault of a member that must be there.
  static func missing(_ path: String) -> MemberFault {
    MemberFault("is missing: it is required", at: path)
  }

  /// The fault of a value of the wrong kind.
  static func kind(_ path: String, _ wanted: String, _ value: JSONValue) -> MemberFault {
    MemberFault("must be \(wanted), not \(value.kind.name)", at: path)
  }

  /// The same fault, seen from outside.
  func inside(_ outer: String) -> MemberFault { MemberFault(text, at: outer + path) }
}

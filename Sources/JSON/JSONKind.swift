/// What a JSON value is. Numbers are told apart by how they are written (RFC 8259, section 6).
package enum JSONKind: UInt8, Sendable {
  case null, bool, integer, double, string, array, object

  /// The word for it in messages to people.
  package var name: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer: "an integer"
    case .double: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

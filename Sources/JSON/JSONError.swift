/// Why some bytes are no JSON that promptd takes, as the rest of a sentence about them; it never
/// quotes them.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) { self.description = description }

  /// For input that nests deeper than `limit` levels.
  static func tooDeep(_ limit: Int) -> JSONError { JSONError("nests deeper than \(limit) levels") }
}

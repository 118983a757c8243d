/// How strictly requests are checked before anything is queued or spent.
package struct APISettings: Hashable, Sendable {
  /// Whether parameters are checked against the API's ranges.
  package var validate = true
  /// Whether members that the API does not document are refused.
  package var strict = false

  /// What holds where no file says anything.
  package init() {}

  /// Reads `[api]`.
  mutating func read(_ reader: inout TableReader) {
    reader.read("validate", .flag, into: &validate)
    reader.read("strict", .flag, into: &strict)
    if strict, !validate {
      reader.fault(
        reader.contains("strict") ? "strict" : "validate",
        "strict = true checks more than validate = false allows; change one of the two")
    }
  }
}

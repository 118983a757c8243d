import PromptCore

extension Price {
  /// Reads one `[prices."MODEL"]`; nil where one of the two is missing.
  static func read(_ reader: inout TableReader) -> Self? {
    let input = reader.required("input", .number(0...1e9))
    let output = reader.required("output", .number(0...1e9))
    guard let input, let output else { return nil }
    return Self(input: input, output: output)
  }
}

/// What is logged, and how.
package struct LogSettings: Hashable, Sendable {
  package var level = LogLevel.info
  package var format = LogFormat.auto
  /// Whether debug entries may hold prompts and answers.
  package var content = false

  /// What holds where no file says anything.
  package init() {}

  /// Reads `[log]`.
  mutating func read(_ reader: inout TableReader) {
    reader.read("level", .choice(), into: &level)
    reader.read("format", .choice(), into: &format)
    reader.read("content", .flag, into: &content)
  }
}

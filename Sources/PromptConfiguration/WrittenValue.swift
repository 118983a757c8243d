/// What a file says of a key.
package struct WrittenValue: Equatable, Sendable {
  /// As TOML has it.
  package var text: String
  /// Nil in text that came from none.
  package var file: String?

  package init(text: String, file: String?) {
    self.text = text
    self.file = file
  }
}

/// One thing that is wrong with the configuration.
package struct ConfigurationFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file that it stands in; nil if it is in none.
  package var file: String?
  /// The key, counted within its file from 0: `upstream[1].max_concurrent`; empty for the file.
  package var keyPath: String
  /// Where a syntax error is, both from 1.
  package var line: Int?
  package var column: Int?
  /// What is wrong and what to do, without the value of anything that might be a secret.
  package var message: String

  /// A fault at a key, at a place in the text, or of a file as a whole.
  package init(
    file: String?, keyPath: String = "", line: Int? = nil, column: Int? = nil, message: String
  ) {
    self.file = file
    self.keyPath = keyPath
    self.line = line
    self.column = column
    self.message = message
  }

  package var description: String {
    var place = file ?? "configuration"
    if let line { place += ":\(line)" }
    if let column { place += ":\(column)" }
    return keyPath.isEmpty ? "\(place): \(message)" : "\(place): \(keyPath): \(message)"
  }
}

/// A value and where it stands, so that a fault can say so after files were merged.
struct TOMLEntry: Hashable, Sendable {
  var node: TOMLNode
  /// The file that it was read from; nil in text that came from none.
  var file: String?
  /// Its key path within that file.
  var path: String

  /// A fault at this value.
  func fault(_ message: String) -> ConfigurationFault {
    ConfigurationFault(file: file, keyPath: path, message: message)
  }
}

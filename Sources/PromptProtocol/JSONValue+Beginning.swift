package import JSON

extension JSONValue {
  /// The beginning of a string's text for a message, at most `limit` scalars of it: a name that
  /// somebody made up must not flood an answer or the journal. (A limit in characters would not
  /// hold: one character may have any number of combining marks.)
  package func beginning(_ limit: Int) -> String {
    String(String.UnicodeScalarView((string ?? "").unicodeScalars.prefix(limit)))
  }
}

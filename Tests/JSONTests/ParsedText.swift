import JSON

/// Parses `text` and lends its root.
func withJSON<Result>(_ text: String, _ body: (JSONValue) throws -> Result) throws -> Result {
  try JSONParser().withDocument(of: text.utf8, body)
}

/// Why these bytes are refused; nil when they are taken.
func refusal(_ bytes: some Collection<UInt8>) throws -> String? {
  do {
    return try JSONParser().withDocument(of: bytes) { _ in nil }
  } catch let error as JSONError {
    return error.description
  }
}

/// Why this text is refused; nil when it is taken.
func refusal(_ text: String) throws -> String? { try refusal(text.utf8) }

/// The canonical form of `text`.
func canonical(_ text: String, keepingOrder: Bool = false) throws -> String {
  try withJSON(text) { root in
    var output: [UInt8] = []
    CanonicalJSON.append(root, keepingOrder: keepingOrder, to: &output)
    return String(decoding: output, as: UTF8.self)
  }
}

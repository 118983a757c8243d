/// One HTTP request, received whole.
struct APIRequest: Equatable, Sendable {
  var method: String
  /// The path without its query.
  var path: String
  /// By name in lower case; the values of a repeated header are joined with ", ".
  var headers: [String: String]
  var body: [UInt8]

  /// Whether it asks for a completion; the base path may be any.
  var asksForCompletion: Bool { method == "POST" && path.hasSuffix("/chat/completions") }

  /// Whether it asks which models there are.
  var asksForModels: Bool { method == "GET" && path.hasSuffix("/models") }
}

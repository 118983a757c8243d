import JSON
import PromptProtocol

extension AnswerFilter {
  /// The members that say which entries are meant.
  static let members: [StaticString] = ["key", "variant", "model", "client", "older_than"]

  /// Reads which entries are meant; `now` is in milliseconds since 1970.
  init(_ params: JSONValue?, now: Int64) throws(WireError) {
    self.init()
    if let text = try Self.text(params, "key") {
      guard let range = DigestRange(hexPrefix: text) else {
        throw WireError(
          .invalidParams, "key must be 64 hexadecimal digits, or the first 8 or more of them",
          param: "key")
      }
      key = range
    }
    if let text = try Self.text(params, "variant") {
      guard let digest = Digest(hex: text) else {
        throw WireError(.invalidParams, "variant must be 64 hexadecimal digits", param: "variant")
      }
      variant = digest
    }
    model = try Self.text(params, "model")
    client = try Self.text(params, "client")
    if let age = params?["older_than"], !age.isNull {
      guard let seconds = age.double, (0...1e10).contains(seconds) else {
        throw WireError(
          .invalidParams, "older_than must be a number of seconds, 0 or more", param: "older_than")
      }
      madeBefore = now - Int64(seconds * 1000)
    }
  }

  private static func text(
    _ params: JSONValue?, _ name: StaticString
  ) throws(WireError) -> String? {
    guard let value = params?[name], !value.isNull else { return nil }
    guard let text = value.string else {
      throw WireError(
        .invalidParams, "\(name) must be a string, not \(value.kind.name)",
        param: name.description)
    }
    return text
  }
}

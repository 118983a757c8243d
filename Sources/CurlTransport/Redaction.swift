import PromptProtocol

/// Takes the secrets of one request out of libcurl's words, which quote a proxy's URL with its
/// password, and may quote what an upstream sent back.
struct Redaction {
  private let key: APIKey?
  private let proxy: String?

  /// What must not be said of this request.
  init(_ request: CallRequest) {
    key = request.key
    proxy = request.address.proxy
  }

  /// The text without the secrets.
  func callAsFunction(_ text: String) -> String {
    let text = key.map { $0.withSecret { Self.remove($0, from: text, "(redacted)") } } ?? text
    return proxy.map { Self.remove($0, from: text, "the proxy") } ?? text
  }

  private static func remove(_ secret: String, from text: String, _ name: String) -> String {
    // An empty text would be found everywhere. By bytes, for a mark that follows makes another character
    // of the last one.
    guard !secret.isEmpty else { return text }
    let bytes = Array(text.utf8).replacing(Array(secret.utf8), with: Array(name.utf8))
    return String(decoding: bytes, as: UTF8.self)
  }
}

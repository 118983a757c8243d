import JSON
package import PromptProtocol

/// How large a request is, as far as it can be told without its model's tokenizer.
package struct RequestSize: Equatable, Sendable {
  /// About how many tokens its messages and tools take.
  package var promptTokens: Int
  /// The most that one answer may take; nil where the request does not say.
  package var maxTokens: Int?
  /// How many answers it asks for.
  package var choices: Int

  package init(promptTokens: Int, maxTokens: Int? = nil, choices: Int = 1) {
    self.promptTokens = promptTokens
    self.maxTokens = maxTokens
    self.choices = choices
  }

  /// Bytes of text that make a token, about.
  private static let bytesPerToken = 4
  /// What a picture or film takes, about: its bytes say nothing of it.
  private static let tokensPerMedium = 1000
  /// A smaller body holds no picture that would be worth looking for.
  private static let mediaFrom = 16 << 10
  /// No estimate of a single body is more, so that sums never overflow.
  private static let most = 1 << 40

  /// The size of a checked body.
  package init(_ body: ChatBody) {
    var bytes = body.root.raw.count
    var media = 0
    if bytes > Self.mediaFrom {
      for message in body.messages.elements {
        guard let content = message["content"] else { continue }
        for part in content.elements {
          let length = Self.mediumBytes(part)
          guard length > 0 else { continue }
          bytes -= length
          media += 1
        }
      }
    }
    let limit = body.root["max_tokens"]?.int ?? body.root["max_completion_tokens"]?.int
    self.init(
      promptTokens: bytes / Self.bytesPerToken + media * Self.tokensPerMedium,
      maxTokens: limit.map { min(max(0, $0), Self.most) },
      choices: min(max(1, body.root["n"]?.int ?? 1), 128))
  }

  /// The bytes of a part that is a data URL; 0 for any other.
  private static func mediumBytes(_ part: JSONValue) -> Int {
    for name in ["image_url", "video_url"] as [StaticString] {
      guard let medium = part[name] else { continue }
      let url = medium.kind == .object ? medium["url"] : medium
      guard let raw = url?.raw, raw.dropFirst().starts(with: "data:".utf8) else { continue }
      return raw.count
    }
    return 0
  }
}

import JSON
import PromptProtocol

/// What `ask` asks: one user message and how it is to be answered.
struct Question: Equatable {
  var model: String
  var text: String
  var system: String?
  /// Addresses of images: `https:` or `data:`.
  var images: [String] = []
  var seed: Seed?
  var temperature: Double?
  var maxTokens: Int?
  var schema: AnswerSchema?
  var cache: CacheControl?
  var priority: PriorityClass?
  var streams = true

  /// The API's body, with the member `promptd` where it has something to say.
  var body: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("model", model)
      writer.name("messages")
      writer.array { writer in
        if let system { Self.write(role: "system", to: &writer) { $0.string(system) } }
        Self.write(role: "user", to: &writer, content: writeContent)
      }
      writeParameters(to: &writer)
      writeOptions(to: &writer)
    }
    return writer.bytes
  }

  private static func write(
    role: String, to writer: inout JSONWriter, content: (inout JSONWriter) -> Void
  ) {
    writer.object {
      $0.member("role", role)
      $0.name("content")
      content(&$0)
    }
  }

  /// A string, or parts where there are images.
  private func writeContent(to writer: inout JSONWriter) {
    guard !images.isEmpty else { return writer.string(text) }
    writer.array { writer in
      if !text.isEmpty {
        writer.object {
          $0.member("type", "text")
          $0.member("text", text)
        }
      }
      for image in images {
        writer.object {
          $0.member("type", "image_url")
          $0.name("image_url")
          $0.object { $0.member("url", image) }
        }
      }
    }
  }

  private func writeParameters(to writer: inout JSONWriter) {
    if let seed {
      writer.name("seed")
      writer.raw(seed.text.utf8)
    }
    if let temperature { writer.member("temperature", temperature) }
    if let maxTokens { writer.member("max_tokens", maxTokens) }
    if let schema {
      writer.name("response_format")
      schema.responseFormat.write(to: &writer)
    }
    if streams { writer.member("stream", true) }
  }

  private func writeOptions(to writer: inout JSONWriter) {
    guard cache != nil || priority != nil else { return }
    writer.name("promptd")
    writer.object {
      if let cache { $0.member("cache", cache.rawValue) }
      if let priority { $0.member("priority", priority.name) }
    }
  }
}

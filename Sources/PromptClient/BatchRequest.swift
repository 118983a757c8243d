import JSON

/// One line of a batch: a request in the form of OpenAI's Batch API (`custom_id`, `method`, `url`,
/// `body`), or a bare body, which is named after its line.
package struct BatchRequest: Equatable, Sendable {
  /// Why a line is none.
  package struct Fault: Error, Equatable {
    package var message: String

    package init(message: String) { self.message = message }
  }

  package var customID: String
  /// The API's body, as JSON.
  package var body: [UInt8]

  private static let urls = ["/v1/chat/completions", "/openai/v1/chat/completions"]

  /// Reads a line, which is JSON.
  package init(line: [UInt8], number: Int) throws {
    self = try JSONParser().withDocument(of: line) { root in try Self(root, number: number) }
  }

  private init(_ root: JSONValue, number: Int) throws(Fault) {
    guard root.kind == .object else { throw Fault(message: "it is no object") }
    if root["messages"] != nil {
      customID = "line-\(number)"
      body = Array(root.raw)
      return
    }
    guard let id = root["custom_id"]?.string, !id.isEmpty else {
      throw Fault(message: "custom_id is missing, or no text")
    }
    guard root["method"]?.string ?? "POST" == "POST" else {
      throw Fault(message: "method must be POST")
    }
    guard let url = root["url"]?.string, Self.urls.contains(url) else {
      throw Fault(message: "url must be \(Self.urls[0])")
    }
    guard let value = root["body"], value.kind == .object, value["messages"] != nil else {
      throw Fault(message: "body is missing, or has no messages")
    }
    customID = id
    body = Array(value.raw)
  }

  /// The body of a job: of class low unless it says otherwise, and known again by `key`.
  package func job(key: String) -> [UInt8] {
    do {
      return try JSONParser().withDocument(of: body) { root in
        var writer = JSONWriter()
        writer.object { writer in
          if let own = root["promptd"], own.kind == .object {
            for (name, value) in own.members where !name.isString("idempotency_key") {
              writer.name(name.string ?? "")
              writer.raw(value.raw)
            }
          }
          if root["promptd"]?["priority"] == nil { writer.member("priority", "low") }
          writer.member("idempotency_key", key)
        }
        return JSONSplice.edit(
          root, removing: { $0.isString("promptd") },
          adding: [("promptd", String(decoding: writer.bytes, as: UTF8.self))])
      }
    } catch {
      return body  // it was parsed before, so this cannot be
    }
  }
}

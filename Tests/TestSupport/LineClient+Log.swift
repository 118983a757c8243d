package import JSON

extension LineClient {
  /// Begins to watch the log, by a call with this id.
  package func watchLog(_ id: Int = 1) async throws {
    try await send(ChatLine.call(id, "watch", #"{"topics":["log"]}"#))
    // What comes from now on is told: calls are taken in their order.
    _ = try await ask(ChatLine.call(id + 1, "ping"))
  }

  /// The next entry of the log with this message, and what is told around it.
  package func entry(_ message: String) async throws -> JSONTree? {
    while true {
      let params = try await reply()["params"]
      if params?["entry"]?["message"]?.string == message { return params }
    }
  }
}

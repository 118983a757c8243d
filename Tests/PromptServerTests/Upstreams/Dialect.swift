import TestSupport
import Testing

/// The three ways to ask on the one socket.
enum Dialect: String, CaseIterable, CustomTestStringConvertible {
  case bare, rpc, http

  var testDescription: String { rawValue }

  /// Asks on a connection of its own and returns what came of it.
  func ask(_ daemon: DaemonFixture, _ text: String, streams: Bool) async throws -> Outcome {
    switch self {
    case .bare, .rpc:
      let client = try await begin(daemon, text, streams: streams)
      var outcome = Outcome()
      while !outcome.isOver { outcome.add(try await client.reply()) }
      return outcome
    case .http:
      let client = try daemon.httpClient()
      try await client.send(request(text, streams: streams))
      return try Outcome(try await client.response())
    }
  }

  /// Asks on a connection of its own, whichever the dialect, and leaves the rest to the caller.
  func begin(_ daemon: DaemonFixture, _ text: String, streams: Bool) async throws -> LineClient {
    let client = try daemon.client()
    try await client.send(request(text, streams: streams))
    return client
  }

  /// The bytes of a question.
  func request(_ text: String, streams: Bool) -> [UInt8] {
    let body = ChatLine.bare(text, model: "m", more: streams ? #","stream":true"# : "")
    return switch self {
    case .bare: Array("\(body)\n".utf8)
    case .rpc: Array("\(ChatLine.call(1, "chat", body))\n".utf8)
    case .http: APIClient.request(body)
    }
  }
}

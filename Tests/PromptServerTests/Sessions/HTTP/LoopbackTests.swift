import Glibc
import JSON
import PromptSandbox
import TestSupport
import Testing

/// The loopback listener, where each request shows a token.
@Suite struct LoopbackTests {
  /// A port that nobody listens on, and that the kernel gives to nobody meanwhile: those that it gives to
  /// whoever asks for any begin at 32768 (ip(7), ip_local_port_range).
  private func freePort() throws -> Int {
    let port = (20_000..<32_768).shuffled().first { port in
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(port).bigEndian
      address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
      return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
      }
    }
    return try #require(port)
  }

  private func run(_ body: (DaemonFixture, APIClient) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    let tokens = try folder.write("secret-one robot\nsecret-two narrow\n", to: "tokens")
    let port = try freePort()
    let listen = """
      http = "127.0.0.1:\(port)"
      http_tokens_file = "\(tokens)"
      """
    let clients = """
      [[client]]
      name = "robot"
      user = "nobody"
      cache = "private"
      [[client]]
      name = "narrow"
      user = "nobody"
      models = ["sandbox/slow*"]

      """
    try await DaemonFixture.run(listen: listen, others: clients, in: folder) { daemon in
      try await body(daemon, try APIClient(.loopback(port: port)))
    }
  }

  @Test func aTokenNamesTheClientOfEachRequest() async throws {
    try await run { _, client in
      let robot = try await client.ask(
        ChatLine.bare("x"), headers: ["Authorization: Bearer secret-one"])
      #expect(robot.status == 200)
      #expect(try robot.promptd?["client"]?.string == "robot")
      let narrow = try await client.ask(
        ChatLine.bare("x"), headers: ["Authorization: Bearer secret-two"])
      #expect(narrow.status == 403)
    }
  }

  @Test func aPrivateClientsAnswersAreItsOwn() async throws {
    try await run { daemon, client in
      for outcome in ["miss", "hit"] {
        let response = try await client.ask(
          ChatLine.bare("x"), headers: ["Authorization: Bearer secret-one"])
        #expect(response.headers["x-promptd-cache"] == outcome)
      }
      let other = try await daemon.httpClient().ask(ChatLine.bare("x"))
      #expect(other.headers["x-promptd-cache"] == "miss")
    }
  }

  @Test(arguments: [[], ["Authorization: Bearer wrong"], ["Authorization: Basic secret-one"]])
  func withoutAGoodTokenNothingIsServed(_ headers: [String]) async throws {
    for path in ["/v1/chat/completions", "/metrics", "/nothing"] {
      try await run { daemon, client in
        let response = try await client.ask(ChatLine.bare("x"), path: path, headers: headers)
        #expect(response.status == 401)
        #expect(try response.json["error"]?["type"]?.string == "unauthorized")
        #expect(daemon.sandbox.calls.record.started == 0)
      }
    }
  }

  @Test func linesAreNotSpokenThere() async throws {
    try await run { _, client in
      try await client.send(Array((ChatLine.bare("x") + "\n").utf8))
      #expect(try await client.response().status == 400)
    }
  }

  @Test func aClientThatGoesAwayHasItsCallCancelled() async throws {
    try await run { daemon, client in
      let line = ChatLine.bare("x", model: "sandbox/silent")
      try await client.send(
        APIClient.request(line, headers: ["Authorization: Bearer secret-one"]))
      await daemon.sandbox.calls.waitUntil { $0.running == 1 }
      client.close()
      await daemon.sandbox.calls.waitUntil { $0.cancelled == 1 }
    }
  }
}

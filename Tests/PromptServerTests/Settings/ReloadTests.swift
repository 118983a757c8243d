import Glibc
import JSON
import PromptSandbox
import TestSupport
import Testing

/// A configuration that changes while the daemon serves.
@Suite struct ReloadTests {
  private func reload(_ client: LineClient) async throws -> JSONTree {
    let reply = try await client.ask(ChatLine.call(1, "reload"))
    return try #require(reply["result"] ?? reply["error"])
  }

  private func outcome(_ client: LineClient, _ line: String) async throws -> String? {
    let reply = try await client.ask(line)
    return reply["promptd"]?["cache"]?.string ?? reply["error"]?["type"]?.string
  }

  private func changed(_ result: JSONTree) -> [String] {
    result["changed"]?.array?.compactMap(\.string) ?? []
  }

  @Test func whatHasNotChangedIsNotNamed() async throws {
    try await DaemonFixture.run { daemon in
      let result = try await reload(try daemon.client())
      #expect(result == (try JSONTree(parsing: Array(#"{"changed":[],"needs_restart":[]}"#.utf8))))
    }
  }

  @Test func aChangedVaryFindsItsOwnAnswersAndNoOthers() async throws {
    try await DaemonFixture.run(cache: #"vary = ["*"]"#) { daemon in
      let (client, other) = (try daemon.client(), try daemon.client())
      func line(_ temperature: Double) -> String {
        ChatLine.bare("why?", more: #","temperature":\#(temperature)"#)
      }
      #expect(try await outcome(client, line(0.5)) == "miss")
      #expect(try await outcome(client, line(0.6)) == "miss")
      try daemon.rewrite { $0 = $0.replacing(#"vary = ["*"]"#, with: #"vary = ["top_p"]"#) }
      #expect(try await changed(reload(client)) == ["cache.vary"])
      // On both loops: connections are given to them by turns.
      for client in [client, other] {
        let expected = client === other ? "hit" : "miss"
        #expect(try await outcome(client, line(0.5)) == expected)
        #expect(try await outcome(client, line(0.7)) == "hit", "the temperature counts no more")
      }
      try daemon.rewrite { $0 = $0.replacing(#"vary = ["top_p"]"#, with: #"vary = ["*"]"#) }
      _ = try await reload(client)
      #expect(try await outcome(client, line(0.5)) == "hit")
      #expect(try await outcome(client, line(0.7)) == "miss")
    }
  }

  @Test func theLevelOfTheLogLastsUntilTheConfigurationIsReadAgain() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      func level(_ params: String? = nil) async throws -> JSONTree {
        let reply = try await client.ask(ChatLine.call(1, "log.level", params))
        return try #require(reply["result"] ?? reply["error"])
      }
      #expect(try await level()["level"]?.string == "info")
      let changed = try await level(#"{"level":"debug"}"#)
      #expect(changed["level"]?.string == "debug" && changed["configured"]?.string == "info")
      let fault = try await level(#"{"level":"loud"}"#)
      #expect(fault["message"]?.string?.contains("debug, info, notice") == true)
      #expect(try await level()["level"]?.string == "debug")
      _ = try await reload(client)
      #expect(try await level()["level"]?.string == "info")
    }
  }

  @Test func aFileWithAFaultChangesNothingAndItsFaultsAreTold() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      try daemon.rewrite {
        $0 += "\n[default_client]\nmodels = []\n[queue]\nmax_queued = \"many\"\n"
      }
      let error = try await reload(client)
      #expect(error["data"]?["type"]?.string == "invalid_params")
      #expect(error["message"]?.string?.contains("queue.max_queued") == true)
      #expect(error["message"]?.string?.contains("the old configuration stays in force") == true)
      #expect(try await outcome(client, ChatLine.bare("x")) == "miss")
    }
  }

  @Test func whoIsConnectedIsMetByTheNewRules() async throws {
    try await DaemonFixture.run(others: "[default_client]\nmodels = [\"sandbox/*\"]\n") { daemon in
      let client = try daemon.client()
      let http = try daemon.httpClient()
      #expect(try await outcome(client, ChatLine.bare("x")) == "miss")
      let body = ChatLine.bare("x")
      #expect(try await http.ask(body).status == 200)
      try daemon.rewrite {
        $0 = $0.replacing(#"models = ["sandbox/*"]"#, with: #"models = ["other/*"]"#)
      }
      #expect(try await changed(reload(client)) == ["default_client.models"])
      #expect(try await outcome(client, ChatLine.bare("x")) == "forbidden")
      #expect(try await http.ask(body).status == 403)
    }
  }

  @Test func anotherNameCountsTheConnection() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      _ = try await client.ask(ChatLine.call(1, "ping"))
      try daemon.rewrite { $0 = "[[client]]\nname = \"somebody\"\nuser = \"root\"\n" + $0 }
      _ = try await reload(client)
      let ping = try await client.ask(ChatLine.call(1, "ping"))["result"]
      #expect(ping?["client"]?.string == "somebody")
      let status = try await client.ask(ChatLine.call(1, "status"))["result"]
      let clients = status?["clients"]?.array ?? []
      let connections = clients.map {
        [$0["name"]?.string, $0["connections"]?.int.map(String.init)]
      }
      #expect(connections.contains(["somebody", "1"]))
      #expect(connections.contains(["root", "0"]))
    }
  }

  @Test func requestsUnderWayGoOnAndThoseThatWaitUseTheNewSlots() async throws {
    try await DaemonFixture.run(upstream: "max_concurrent = 1") { daemon in
      let clients = try (0..<3).map { _ in try daemon.client() }
      let admin = try daemon.client()
      try await clients[0].send(ChatLine.bare("question", model: "sandbox/silent"))
      await daemon.sandbox.calls.waitUntil { $0.running == 1 }
      for client in clients[1...] { try await client.send(ChatLine.bare("another")) }
      try await daemon.waitUntilQueued(1)
      try await daemon.waitForRequests(3)
      try daemon.rewrite { $0 = $0.replacing("max_concurrent = 1", with: "max_concurrent = 3") }
      #expect(try await changed(reload(admin)) == ["upstream.sandbox.max_concurrent"])
      for client in clients[1...] { #expect(try await client.reply()["choices"] != nil) }
      let status = try await admin.ask(ChatLine.call(2, "status"))["result"]
      #expect(status?["queue"]?["running"]?.int == 1, "the first goes on")
    }
  }

  @Test func whatTakesARestartIsNamed() async throws {
    try await DaemonFixture.run(cache: #"memory = "2MiB""#) { daemon in
      let client = try daemon.client()
      try daemon.rewrite { $0 = $0.replacing(#"memory = "2MiB""#, with: #"memory = "3MiB""#) }
      for _ in 0..<2 {
        let result = try await reload(client)
        #expect(changed(result).isEmpty)
        #expect(result["needs_restart"]?[0]?.string == "cache.memory")
      }
      let status = try await client.ask(ChatLine.call(1, "status"))["result"]
      #expect(status?["cache"]?["memory"]?["limit"]?.int == 2 << 20)
    }
  }

  @Test(.enabled(if: UserThread.isPossible, "becoming another user needs root"))
  func onlyAnAdministratorMayReload() async throws {
    let folder = try TemporaryFolder()
    chmod(folder.path, 0o711)
    try await DaemonFixture.run(listen: #"mode = "0666""#, in: folder) { daemon in
      let client = try daemon.client(as: UserThread(4711, groups: [4711]))
      #expect(try await reload(client)["data"]?["type"]?.string == "forbidden")
    }
  }
}

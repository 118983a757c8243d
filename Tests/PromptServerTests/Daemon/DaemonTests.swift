import Glibc
import JSON
import PromptSandbox
import TestSupport
import Testing

@Suite struct DaemonTests {
  @Test func pingTellsWhoIsThere() async throws {
    try await DaemonFixture.run { daemon in
      let result = try await daemon.client().ask(ChatLine.call(1, "ping"))["result"]
      #expect(result?["protocol"]?.int == 1)
      #expect(result?["client"]?.string?.isEmpty == false)
    }
  }

  @Test func aConnectionPastTheLimitIsToldOnceAndClosed() async throws {
    // Root has places in reserve.
    let user = UserThread.isPossible ? UserThread(10_003, groups: [10_003]) : nil
    let listen = "max_connections_per_user = 1\nmode = \"0666\""
    let folder = try TemporaryFolder()
    chmod(folder.path, 0o755)
    try await DaemonFixture.run(listen: listen, in: folder) { daemon in
      let first = try daemon.client(as: user)
      #expect(try await first.ask(ChatLine.call(1, "ping"))["result"] != nil)
      let second = try daemon.client(as: user)
      #expect(try await second.reply()["error"]?["type"]?.string == "too_many_connections")
      #expect(try await second.line() == nil)
      #expect(try await first.ask(ChatLine.call(2, "ping"))["result"] != nil)
    }
  }

  @Test func aClientRuleNamesAndRanks() async throws {
    let rule = """
      [[client]]
      name = "robot"
      user = "root"
      priority = "low"
      max_priority = "normal"
      models = ["sandbox/echo*"]

      """
    try await DaemonFixture.run(others: rule) { daemon in
      let client = try daemon.client()
      let plain = try await client.ask(ChatLine.bare("x"))["promptd"]
      #expect(plain?["client"]?.string == "robot")
      #expect(plain?["priority"]?.string == "low")
      let more = #","promptd":{"priority":"urgent"}"#
      let asked = try await client.ask(ChatLine.bare("y", more: more))["promptd"]
      #expect(asked?["priority"]?.string == "normal")
      #expect(asked?["priority_asked"]?.string == "urgent")
      let refused = try await client.ask(ChatLine.bare("z", model: "sandbox/slow"))
      #expect(refused["error"]?["type"]?.string == "forbidden")
    }
  }

  @Test func aStoppingDaemonFinishesWhatRunsAndRefusesWhatWaits() async throws {
    let completion =
      #"{"id":"c","choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"}]}"#
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: \(completion.utf8.count)\r\n\r\n\(completion)"
    try await DaemonFixture.run(
      calling: { _, _ in [.pause, .send(answer)] }, settings: "max_concurrent = 1"
    ) { daemon, upstream in
      let client = try daemon.client()
      try await client.send(ChatLine.call(1, "chat", ChatLine.bare("running")))
      await upstream.log.waitUntil { $0.paused == 1 }
      try await client.send(ChatLine.call(2, "chat", ChatLine.bare("waiting")))
      try await daemon.waitUntilQueued(1)
      daemon.stop()
      let refused = try await client.reply()
      #expect(refused["id"]?.int == 2)
      #expect(refused["error"]?["code"]?.int == -32040)
      upstream.letGoOn()
      #expect(try await client.reply()["result"]?["choices"] != nil)
      #expect(try await client.line() == nil)
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func aClientThatDoesNotReadKeepsNoDaemonFromStopping() async throws {
    var clients: [LineClient] = []
    try await DaemonFixture.run(listen: #"write_timeout = "10min""#) { daemon in
      let client = try daemon.client()
      clients.append(client)
      let line = ChatLine.bare(String(repeating: "x", count: 500), more: #","n":50"#)
      #expect(try await client.ask(line)["choices"] != nil)
      // More replies than the socket holds, which nobody takes.
      try await client.send(Array(String(repeating: line + "\n", count: 40).utf8))
      try await daemon.waitUntil { $0["requests"]?["total"]?.int ?? 0 > 9 }
    }
    // The daemon has ended, though the client is still there.
    #expect(clients.count == 1)
  }

  @Test func aCallThatOutlastsTheStopIsGivenUp() async throws {
    try await DaemonFixture.run(others: "[service]\nstop_timeout = \"100ms\"") { daemon in
      let client = try daemon.client()
      try await client.send(ChatLine.bare("x", model: "sandbox/silent"))
      await daemon.sandbox.calls.waitUntil { $0.running == 1 }
      daemon.stop()
      #expect(try await client.reply()["error"]?["type"]?.string == "shutting_down")
      await daemon.sandbox.calls.waitUntil { $0.running == 0 }
    }
  }
}

import JSON
import PromptSandbox
import TestSupport
import Testing

/// Several upstreams, of which one takes over from another.
@Suite(.timeLimit(.minutes(5))) struct FailoverTests {
  /// Runs `body` beside a daemon whose first upstream is not there, and whose second is a sandbox.
  private func run(
    models: String = "[\"*\"]", failures: Int = 2,
    _ body: (DaemonFixture, LineClient) async throws -> Void
  ) async throws {
    let folder = try TemporaryFolder()
    let first = """
      [[upstream]]
      name = "first"
      base_url = "unix:\(folder["first.sock"]):/v1"
      auth = "none"
      models = \(models)
      [upstream.breaker]
      failures = \(failures)
      probe_after = "1h"
      probe_cap = "1h"

      """
    let second = #"models = ["sandbox/*"]"#
    try await DaemonFixture.run(others: first, upstream: second, in: folder) { daemon in
      try await body(daemon, try daemon.client())
    }
  }

  private func ask(
    _ client: LineClient, _ number: Int
  ) async throws -> (upstream: String?, attempts: Int?) {
    let info = try await client.ask(ChatLine.bare("question \(number)"))["promptd"]
    return (info?["upstream"]?.string, info?["attempts"]?.int)
  }

  private func state(_ daemon: DaemonFixture) async throws -> String? {
    let status = try await daemon.client().ask(ChatLine.call(1, "status"))["result"]
    return status?["upstreams"]?[0]?["state"]?.string
  }

  @Test func theSecondAnswersWhileTheFirstIsNotThereAndTheFirstOnceItIs() async throws {
    try await run { daemon, client in
      for number in 1...2 { #expect(try await ask(client, number) == ("sandbox", 2)) }
      #expect(try await state(daemon) == "failing")
      #expect(try await ask(client, 3) == ("sandbox", 1), "it is left alone")
      let first = try await Sandbox.start(on: .unix(daemon.folder["first.sock"]))
      // Whoever looks after it has it tried now.
      _ = try await client.ask(ChatLine.call(2, "queue.resume"))
      #expect(try await ask(client, 4) == ("first", 1))
      #expect(try await state(daemon) == "serving")
      await first.stop()
    }
  }

  @Test func whatTheFirstRefusesForGoodIsNotAskedElsewhere() async throws {
    try await run { daemon, client in
      let first = try await Sandbox.start(on: .unix(daemon.folder["first.sock"]))
      let refused = try await client.ask(
        ChatLine.bare("x", model: "sandbox/status?code=400"))
      #expect(refused["promptd"]?["upstream"]?.string == "first")
      #expect(refused["promptd"]?["attempts"]?.int == 1)
      #expect(daemon.sandbox.calls.record.started == 0)
      await first.stop()
    }
  }

  @Test func aModelThatOnlyTheFirstServesWaitsForIt() async throws {
    try await run(models: #"["only/*"]"#, failures: 1) { daemon, client in
      try await client.send(ChatLine.bare("x", model: "only/here"))
      try await daemon.waitUntilQueued(1)
      #expect(try await state(daemon) == "failing")
      let first = try await Sandbox.start(on: .unix(daemon.folder["first.sock"]))
      _ = try await daemon.client().ask(ChatLine.call(2, "queue.resume"))
      let answer = try await client.reply()
      #expect(answer["promptd"]?["upstream"]?.string == "first")
      #expect(answer["promptd"]?["attempts"]?.int ?? 0 >= 2)
      await first.stop()
    }
  }
}

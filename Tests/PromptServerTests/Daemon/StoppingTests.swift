import JSON
import PromptSandbox
import TestSupport
import Testing

/// What becomes of requests when the daemon stops: answered, or told to try again.
@Suite(.timeLimit(.minutes(1)))
struct StoppingTests {
  /// Has a daemon stop while a request of `client` runs that never ends.
  private func stop(_ daemon: DaemonFixture) async {
    await daemon.sandbox.calls.waitUntil { $0.running == 1 }
    daemon.stop()
  }

  private let impatient = "[service]\nstop_timeout = \"100ms\""
  private let oneAtATime = "max_in_flight_per_connection = 1"

  @Test func linesThatCameAndWereNotReadAreAnsweredAll() async throws {
    try await DaemonFixture.run(listen: oneAtATime, others: impatient) { daemon in
      let client = try daemon.client()
      let count = 500
      let lines = (0..<count).map { ChatLine.bare("\($0)", model: "sandbox/silent") + "\n" }
      try await client.send(Array(lines.joined().utf8))
      await stop(daemon)
      for _ in 0..<count {
        #expect(try await client.reply()["error"]?["type"]?.string == "shutting_down")
      }
      #expect(try await client.line() == nil)
    }
  }

  @Test func aHalfLineIsNoRequestAndIsNotAnswered() async throws {
    try await DaemonFixture.run(others: impatient) { daemon in
      let client = try daemon.client()
      let line = ChatLine.bare("x", model: "sandbox/silent")
      try await client.send(Array("\(line)\n{\"model\":\"sandbox/echo\",".utf8))
      await stop(daemon)
      #expect(try await client.reply()["error"]?["type"]?.string == "shutting_down")
      #expect(try await client.line() == nil)
    }
  }

  @Test func requestsThatCameEarlyOverHTTPAreAnsweredAll() async throws {
    try await DaemonFixture.run(others: impatient) { daemon in
      let client = try daemon.httpClient()
      let count = 50
      let row = (0..<count).flatMap {
        APIClient.request(ChatLine.bare("\($0)", model: "sandbox/silent"))
      }
      try await client.send(row)
      await stop(daemon)
      for _ in 0..<count { #expect(try await client.response().status == 503) }
    }
  }

  @Test func aConnectionThatSaidNothingIsClosedAtOnce() async throws {
    try await DaemonFixture.run { daemon in
      let (silent, known) = (try daemon.client(), try daemon.client())
      #expect(try await known.ask(ChatLine.call(1, "ping"))["result"] != nil)
      try await daemon.waitUntil { $0["connections"]?.int == 3 }
      daemon.stop()
      #expect(try await silent.line() == nil)
      #expect(try await known.line() == nil)
    }
  }

  @Test func whatIsSentToADaemonThatTakesNoMoreFailsAtTheSender() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      #expect(try await client.ask(ChatLine.call(1, "ping"))["result"] != nil)
      daemon.stop()
      #expect(try await client.line() == nil)
      await #expect(throws: ConnectionFailure.self) {
        try await client.send(ChatLine.bare("too late"))
      }
    }
  }
}

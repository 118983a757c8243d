import JSON
import TestSupport
import Testing

/// Clients that go away: whatever was done for them alone ends at once, and nothing more is begun.
@Suite(.timeLimit(.minutes(5))) struct LeavingTests {
  /// What the upstream does with the question of the one that leaves; others get an answer.
  private static func script(_ steps: [UpstreamStep]) -> ScriptedUpstream.Script {
    { request, _ in request.asks("leaver") ? steps : [.send(Answers.good(request))] }
  }

  /// With no clock to run out in their place.
  private static let patience = """
    [upstream.timeouts]
    connect = "1h"
    first_byte = "1h"
    idle = "1h"
    total = "1h"
    \(DaemonFixture.quickTries)
    """

  /// After the one that left, another is served, and there was no call but these.
  private func expectOnly(
    _ calls: Int, _ daemon: DaemonFixture, _ upstream: ScriptedUpstream
  ) async throws {
    try await daemon.waitUntilIdle()
    let later = try await Dialect.bare.ask(daemon, "later", streams: false)
    #expect(later.text == Answers.text)
    try await daemon.waitUntilIdle()
    #expect(upstream.log.value.count(of: #""leaver""#) == calls)
    #expect(upstream.log.value.count(of: #""later""#) == 1)
    try await daemon.expectKept(1)
  }

  @Test(arguments: Dialect.allCases, [false, true])
  func whoLeavesTheQueueIsNeverCalledFor(_ dialect: Dialect, _ streams: Bool) async throws {
    try await DaemonFixture.run(
      calling: { request, _ in
        (request.asks("first") ? [.pause] : []) + [.send(Answers.good(request))]
      }, settings: "max_concurrent = 1"
    ) { daemon, upstream in
      let first = try await Dialect.bare.begin(daemon, "first", streams: false)
      await upstream.log.waitUntil { $0.count == 1 }
      let leaver = try await dialect.begin(daemon, "leaver", streams: streams)
      try await daemon.waitUntilQueued(1)
      leaver.close()
      try await daemon.waitUntilQueued(0)
      upstream.letGoOn()
      #expect(try await first.reply()["choices"] != nil)
      try await daemon.waitUntilIdle()
      #expect(try await Dialect.bare.ask(daemon, "later", streams: false).text == Answers.text)
      #expect(upstream.log.value.count(of: #""leaver""#) == 0)
      #expect(upstream.log.value.count == 2)
    }
  }

  @Test(arguments: Dialect.allCases, [false, true])
  func whoLeavesBeforeThereIsAConnectionIsNeverCalledFor(
    _ dialect: Dialect, _ streams: Bool
  ) async throws {
    try await DaemonFixture.run(
      calling: Self.script([]), overTCP: true, beginsFull: true, tries: Self.patience
    ) { daemon, upstream in
      let leaver = try await dialect.begin(daemon, "leaver", streams: streams)
      try await upstream.waitUntil(isDialled: true)
      leaver.close()
      try await upstream.waitUntil(isDialled: false)
      try await daemon.waitUntilIdle()
      await upstream.open()
      try await expectOnly(0, daemon, upstream)
      #expect(upstream.log.value.connections == 2, "the one that filled it, and the later one's")
    }
  }

  @Test(arguments: Dialect.allCases)
  func theHandshakeOfWhoLeavesIsBrokenOff(_ dialect: Dialect) async throws {
    // What is listened to here never answers a greeting of TLS.
    try await ScriptedUpstream.run(.loopback, { _, _ in [] }) { upstream in
      let address = "https://127.0.0.1:\(try #require(upstream.port))/v1"
      try await DaemonFixture.run(calling: address, tries: Self.patience) { daemon in
        let leaver = try await dialect.begin(daemon, "leaver", streams: false)
        await upstream.log.waitUntil { $0.connections == 1 }
        leaver.close()
        await upstream.log.waitUntil { $0.ended == 1 }
        #expect(upstream.log.value.ended == 1)
        try await daemon.waitUntilIdle()
        #expect(upstream.log.value.connections == 1 && upstream.log.value.count == 0)
      }
    }
  }

  /// How far an answer has come, and what the upstream has done by then.
  private static let moments: [(name: String, steps: [UpstreamStep])] = [
    ("the request was sent", [.pause]),
    ("the head came", [.send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"), .pause]),
    ("half came", [.send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"id\":"), .pause]),
    ("a stream began", [.send(Answers.streamHead), .pause]),
  ]

  @Test(arguments: moments, Dialect.allCases)
  func theCallOfWhoLeavesIsBrokenOff(
    _ moment: (name: String, steps: [UpstreamStep]), _ dialect: Dialect
  ) async throws {
    for streams in [false, true] {
      try await DaemonFixture.run(
        calling: Self.script(moment.steps), tries: Self.patience
      ) { daemon, upstream in
        let leaver = try await dialect.begin(daemon, "leaver", streams: streams)
        await upstream.log.waitUntil { $0.paused == 1 }
        #expect(upstream.log.value.ended == 0)
        leaver.close()
        await upstream.log.waitUntil { $0.ended == 1 }
        #expect(upstream.log.value.ended == 1)
        try await expectOnly(1, daemon, upstream)
      }
    }
  }

  @Test(arguments: Dialect.allCases)
  func theStreamOfWhoLeavesAfterAChunkIsBrokenOff(_ dialect: Dialect) async throws {
    let begun = Answers.begun(Answers.chunk("so far"))
    try await DaemonFixture.run(
      calling: Self.script([.send(begun), .pause]), tries: Self.patience
    ) { daemon, upstream in
      let leaver = try await dialect.begin(daemon, "leaver", streams: true)
      while try #require(await leaver.line()).contains("so far") == false {}
      #expect(upstream.log.value.ended == 0)
      leaver.close()
      await upstream.log.waitUntil { $0.ended == 1 }
      #expect(upstream.log.value.ended == 1)
      try await expectOnly(1, daemon, upstream)
    }
  }

  @Test(arguments: Dialect.allCases, [false, true])
  func whoLeavesBetweenTwoTriesIsNotTriedForAgain(
    _ dialect: Dialect, _ streams: Bool
  ) async throws {
    let tries = "[upstream.retry]\nbase = \"1h\"\ncap = \"1h\""
    try await DaemonFixture.run(
      calling: Self.script([.send(Answers.refusal("503 Service Unavailable"))]), tries: tries,
      others: "[queue]\nmax_wait = \"1d\""
    ) { daemon, upstream in
      let leaver = try await dialect.begin(daemon, "leaver", streams: streams)
      try await daemon.waitUntil { $0["queue"]?["retrying"]?.int == 1 }
      leaver.close()
      try await expectOnly(1, daemon, upstream)
    }
  }

  @Test(arguments: Dialect.allCases, [false, true])
  func whoLeavesInAPauseIsNotTriedForAgain(_ dialect: Dialect, _ streams: Bool) async throws {
    let refusal = Answers.refusal("429 Too Many Requests", headers: ["Retry-After: 3000"])
    try await DaemonFixture.run(
      calling: Self.script([.send(refusal)]), others: "[queue]\nmax_wait = \"1d\""
    ) { daemon, upstream in
      let leaver = try await dialect.begin(daemon, "leaver", streams: streams)
      try await daemon.waitUntil {
        $0["upstreams"]?[0]?["state"]?.string == "held" && $0["queue"]?["queued"]?.int == 1
      }
      leaver.close()
      try await daemon.waitUntilIdle()
      // Whoever looks after it ends the pause.
      let resumed = try await daemon.client().ask(ChatLine.call(1, "queue.resume"))
      #expect(resumed["result"] != nil)
      try await expectOnly(1, daemon, upstream)
    }
  }
}

import JSON
import PromptSandbox
import TestSupport
import Testing

/// Identical streams under way share one call, whenever they come.
@Suite struct JoiningTests {
  private static let words = (1...30).map { "w\($0)" }
  private let line = ChatLine.bare(
    words.joined(separator: " "), model: "sandbox/slow?first_byte_ms=100&tokens_per_s=60",
    more: #","stream":true"#)

  /// Reads a stream to its end and returns the pieces of its text, and how it was served.
  private func read(
    _ client: LineClient, onChunk: (Int) async throws -> Void = { _ in }
  ) async throws -> (pieces: [String], cache: String?) {
    var pieces: [String] = []
    while true {
      let reply = try await client.reply()
      guard reply["object"]?.string == "chat.completion.chunk" else {
        #expect(reply["object"]?.string == "chat.completion")
        return (pieces, reply["promptd"]?["cache"]?.string)
      }
      if let text = reply["choices"]?[0]?["delta"]?["content"]?.string, !text.isEmpty {
        pieces.append(text)
        try await onChunk(pieces.count)
      }
    }
  }

  private func expectWhole(_ pieces: [String]) {
    #expect(pieces.map { $0.drop { $0 == " " } } == Self.words.map { $0[...] })
  }

  @Test func fiftyAtOnceMakeOneCallAndEachGetsEveryChunkInOrder() async throws {
    try await DaemonFixture.run { daemon in
      let clients = try (0..<50).map { _ in try daemon.client() }
      try await daemon.whilePaused {
        for client in clients { try await client.send(line) }
        try await daemon.waitForRequests(50)
      }
      var outcomes: [String: Int] = [:]
      for client in clients {
        let (pieces, cache) = try await read(client)
        expectWhole(pieces)
        outcomes[cache ?? "", default: 0] += 1
      }
      #expect(outcomes == ["miss": 1, "joined": 49])
      #expect(daemon.sandbox.calls.record.started == 1)
    }
  }

  @Test func aHundredAtOnceAreOneCallAndARefreshBesideThemAnother() async throws {
    try await DaemonFixture.run { daemon in
      let clients = try (0..<100).map { _ in try daemon.client() }
      let other = try daemon.client()
      try await daemon.whilePaused {
        for client in clients { try await client.send(ChatLine.bare("the same")) }
        try await other.send(ChatLine.bare("the same", more: #","promptd":{"cache":"refresh"}"#))
        try await daemon.waitForRequests(101)
      }
      var outcomes: [String: Int] = [:]
      for client in clients + [other] {
        let cache = try await client.reply()["promptd"]?["cache"]?.string
        outcomes[cache ?? "", default: 0] += 1
      }
      #expect(outcomes == ["miss": 1, "joined": 99, "refreshed": 1])
      #expect(daemon.sandbox.calls.record.started == 2)
    }
  }

  @Test func tenThatFailAreOneCallAndTenErrors() async throws {
    try await DaemonFixture.run { daemon in
      let clients = try (0..<10).map { _ in try daemon.client() }
      let line = ChatLine.bare("refused", model: "sandbox/status?code=503")
      try await daemon.whilePaused {
        for client in clients { try await client.send(line) }
        try await daemon.waitForRequests(10)
      }
      for client in clients {
        let error = try await client.reply()["error"]
        #expect(error?["type"]?.string == "upstream_error")
      }
      #expect(daemon.sandbox.calls.record.started == 1)
    }
  }

  /// Ten words, and the other twenty when the test says so.
  private static let inTwoPieces: ScriptedUpstream.Script = { _, _ in
    let events = words.enumerated().map { number, word in
      Answers.event(Answers.chunk(number == 0 ? word : " \(word)"))
    }
    let end = Answers.event(Answers.chunk("", finish: #""stop""#)) + Answers.event("[DONE]")
    return [
      .send(Answers.streamHead + events[..<10].joined()), .pause,
      .send(events[10...].joined() + end + "0\r\n\r\n"),
    ]
  }

  @Test func whoJoinsInTheMiddleGetsWhatHasComeAndTheRest() async throws {
    try await DaemonFixture.run(calling: Self.inTwoPieces) { daemon, upstream in
      let (leader, late) = (try daemon.client(), try daemon.client())
      try await leader.send(line)
      async let first = read(leader) { if $0 == 10 { try await late.send(line) } }
      let second = try await read(late) { if $0 == 10 { upstream.letGoOn() } }
      expectWhole(second.pieces)
      expectWhole(try await first.pieces)
      #expect(try await first.cache == "miss")
      #expect(second.cache == "joined")
      #expect(upstream.log.value.count == 1)
    }
  }

  @Test func theLeaderGoingAwayChangesNothingForTheOthers() async throws {
    try await DaemonFixture.run { daemon in
      let (leader, other) = (try daemon.client(), try daemon.client())
      try await leader.send(line)
      await daemon.sandbox.calls.waitUntil { $0.running == 1 }
      try await other.send(line)
      let (pieces, _) = try await read(other) { count in if count == 5 { leader.close() } }
      expectWhole(pieces)
      let calls = daemon.sandbox.calls.record
      #expect(calls.started == 1 && calls.cancelled == 0)
    }
  }

  @Test func aJoinerMaySpeakHTTP() async throws {
    try await DaemonFixture.run(calling: Self.inTwoPieces) { daemon, upstream in
      let leader = try daemon.client()
      try await leader.send(line)
      await upstream.log.waitUntil { $0.paused == 1 }
      let joiner = try daemon.httpClient()
      async let response = joiner.ask(line)
      try await daemon.waitForRequests(2)
      upstream.letGoOn()
      expectWhole(try await read(leader).pieces)
      let chunks = try await response.chunks
      expectWhole(
        chunks.compactMap { $0["choices"]?[0]?["delta"]?["content"]?.string }.filter { !$0.isEmpty }
      )
      #expect(chunks.last?["promptd"]?["cache"]?.string == "joined")
    }
  }
}

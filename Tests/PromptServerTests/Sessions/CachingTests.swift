import JSON
import PromptSandbox
import TestSupport
import Testing

@Suite struct CachingTests {
  private static let body =
    #"{"model":"sandbox/echo","temperature":0.2,"seed":7,"#
    + #""messages":[{"role":"user","content":"what is new?"}]}"#

  private func outcome(_ client: LineClient, _ line: String) async throws -> String? {
    try await client.ask(line)["promptd"]?["cache"]?.string
  }

  /// What comes last of a reply, behind its chunks.
  private func last(_ client: LineClient, _ line: String) async throws -> JSONTree {
    var last = try await client.ask(line)
    while last["object"]?.string == "chat.completion.chunk" { last = try await client.reply() }
    return last
  }

  @Test(arguments: [
    #"{"seed":7,"messages":[{"content":"what is new?","role":"user"}],"temperature":0.2,"model":"sandbox/echo"}"#,
    #"{ "model" : "sandbox/echo" , "temperature":0.20,"seed":7, "messages":[ {"role":"user","content":"what is new?"} ] }"#,
    #"{"model":"sandbox\/echo","temperature":2e-1,"seed":7,"messages":[{"role":"user","content":"what is n\u0065w?"}]}"#,
    #"{"model":"sandbox/echo","temperature":0.2,"seed":7.0,"messages":[{"role":"user","content":"what is new?"}],"n":1,"stop":null}"#,
    #"{"model":"sandbox/echo","temperature":0.2,"seed":7,"messages":[{"role":"user","content":"what is new?"}],"promptd":{"priority":"low"}}"#,
  ])
  func theSameSaidOtherwiseIsAHit(_ line: String) async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      #expect(try await outcome(client, Self.body) == "miss")
      #expect(try await outcome(client, line) == "hit")
    }
  }

  @Test(arguments: [
    ("0.2", "0.3"), (#""seed":7"#, #""seed":8"#), (#""seed":7,"#, ""),
    ("sandbox/echo", "sandbox/echo2"), ("what is new?", "what is new!"),
    ("what is new?", "what is new? "), (#""seed":7"#, #""seed":7,"user":"me""#),
  ])
  func oneDifferenceIsAMiss(_ old: String, _ new: String) async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      #expect(try await outcome(client, Self.body) == "miss")
      let other = Self.body.replacing(old, with: new)
      #expect(try await outcome(client, other) == "miss")
      #expect(try await outcome(client, Self.body) == "hit")
    }
  }

  @Test func aStreamIsServedFromAWholeAnswer() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let whole = try await client.ask(Self.body)
      let last = try await last(client, String(Self.body.dropLast()) + #","stream":true}"#)
      #expect(last["promptd"]?["cache"]?.string == "hit")
      #expect(last["choices"] == whole["choices"])
    }
  }

  @Test func controlsAreObeyed() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      func ask(_ control: String) async throws -> JSONTree {
        try await client.ask(
          String(Self.body.dropLast()) + #","promptd":{"cache":"\#(control)"}}"#)
      }
      #expect(try await ask("only")["error"]?["type"]?.string == "not_cached")
      #expect(try await ask("bypass")["promptd"]?["cache"]?.string == "bypassed")
      #expect(try await ask("only")["error"]?["type"]?.string == "not_cached")
      #expect(try await ask("refresh")["promptd"]?["cache"]?.string == "refreshed")
      #expect(try await ask("only")["promptd"]?["cache"]?.string == "hit")
      #expect(try await ask("use")["promptd"]?["cache"]?.string == "hit")
    }
  }

  @Test func answersOutliveTheDaemon() async throws {
    let folder = try TemporaryFolder()
    let settings = "keep_sandbox = true"
    try await DaemonFixture.run(cache: settings, in: folder) { daemon in
      let client = try daemon.client()
      #expect(try await outcome(client, Self.body) == "miss")
    }
    try await DaemonFixture.run(cache: settings, in: folder) { daemon in
      let client = try daemon.client()
      #expect(try await outcome(client, Self.body) == "hit")
      #expect(try await outcome(client, Self.body) == "hit")
      let hits = try await client.ask(ChatLine.call(1, "cache.stats"))["result"]?["hits"]
      #expect(hits?["disk"]?.int == 1)
      #expect(hits?["memory"]?.int == 1)
    }
  }

  @Test func aRuleThatIsChangedFindsItsOwnAnswersAndNoOthers() async throws {
    let folder = try TemporaryFolder()
    let kept = "keep_sandbox = true\n"
    let other = Self.body.replacing("0.2", with: "0.9")
    for (vary, outcomes) in [
      ("", ["miss", "miss"]), ("vary = []", ["miss", "hit"]), ("", ["hit", "hit"]),
      (#"vary = ["temperature"]"#, ["miss", "miss"]), ("vary = []", ["hit", "hit"]),
    ] {
      try await DaemonFixture.run(cache: kept + vary, in: folder) { daemon in
        let client = try daemon.client()
        #expect(try await outcome(client, Self.body) == outcomes[0])
        #expect(try await outcome(client, other) == outcomes[1])
      }
    }
  }

  @Test func madeUpAnswersStayInMemory() async throws {
    let folder = try TemporaryFolder()
    for _ in 0..<2 {
      try await DaemonFixture.run(in: folder) { daemon in
        let client = try daemon.client()
        #expect(try await outcome(client, Self.body) == "miss")
        #expect(try await outcome(client, Self.body) == "hit")
      }
    }
  }

  @Test func replayAsksOnlyTheCache() async throws {
    let folder = try TemporaryFolder()
    try await DaemonFixture.run(cache: "keep_sandbox = true", in: folder) { daemon in
      let client = try daemon.client()
      #expect(try await outcome(client, Self.body) == "miss")
    }
    let replay = #"mode = "replay""#
    try await DaemonFixture.run(cache: replay, upstream: nil, in: folder) { daemon in
      let client = try daemon.client()
      #expect(try await outcome(client, Self.body) == "hit")
      let error = try await client.ask(ChatLine.bare("never asked"))["error"]
      #expect(error?["type"]?.string == "not_cached")
    }
  }

  @Test func truncatedAnswersAreNotKeptAndAreCounted() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let line = ChatLine.bare("x", model: "sandbox/cut?after=2", more: #","stream":true"#)
      for _ in 0..<2 {
        let last = try await last(client, line)
        #expect(last["error"]?["type"]?.string == "stream_interrupted")
        #expect(last["promptd"]?["partial"]?["choices"] != nil)
      }
      await daemon.sandbox.calls.waitUntil { $0.started == 2 }
    }
  }

  /// Everything that may not be stored, as the sandbox does it.
  private static let flawed = [
    ("flawed?kind=short", #","max_tokens":50"#), ("flawed?kind=short", ""),
    ("flawed?kind=filtered", ""), ("flawed?kind=empty", ""), ("flawed?kind=few", #","n":3"#),
    ("flawed?kind=prose", #","response_format":{"type":"json_object"}"#),
    (
      "flawed?kind=arguments",
      #","tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}}}]"#
    ), ("cut?after=3", ""), ("garbage", ""), ("error-frame?after=2", ""), ("status?code=500", ""),
  ]

  @Test(arguments: flawed, [false, true])
  func whatIsNoWholeAnswerIsNeverFoundAgain(
    _ flaw: (model: String, members: String), _ streams: Bool
  ) async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let line = ChatLine.bare(
        "one two three four", model: "sandbox/\(flaw.model)",
        more: flaw.members + (streams ? #","stream":true"# : ""))
      for _ in 0..<2 {
        let last = try await last(client, line)
        #expect(last["promptd"]?["cache"]?.string != "hit")
      }
      #expect(daemon.sandbox.calls.record.started == 2)
      let stats = try await client.ask(ChatLine.call(1, "cache.stats"))["result"]
      #expect(stats?["stored"]?.int == 0)
      #expect(stats?["memory"]?["entries"]?.int == 0)
    }
  }

  @Test func aStreamWithoutItsEndIsNeverFoundAgain() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let line = ChatLine.bare("a b", model: "sandbox/flawed?kind=undone", more: #","stream":true"#)
      for _ in 0..<2 {
        let last = try await last(client, line)
        #expect(last["promptd"]?["cache"]?.string != "hit")
      }
      let stats = try await client.ask(ChatLine.call(1, "cache.stats"))["result"]
      #expect(stats?["stored"]?.int == 0)
    }
  }

  @Test func anExpiredAnswerStandsInForAnUpstreamThatFails() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      // The first call is answered; those after a restart of the question are refused.
      let line = ChatLine.bare("why?", more: #","promptd":{"ttl":1}"#)
      let first = try await client.ask(line)
      #expect(first["promptd"]?["cache"]?.string == "miss")
      await daemon.sandbox.stop()
      var reply = first
      while reply["promptd"]?["cache"]?.string != "stale" { reply = try await client.ask(line) }
      #expect(reply["choices"] == first["choices"])
      #expect(reply["promptd"]?["age_s"]?.int ?? 0 >= 1)
      let strict = ChatLine.bare("why?", more: #","promptd":{"max_age":0}"#)
      #expect(try await client.ask(strict)["error"] != nil)
    }
  }

  @Test func aRefusalOfTheUpstreamIsPassedOnAndNotKept() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let line = ChatLine.bare("x", model: "sandbox/status?code=418&times=1")
      let refused = try await client.ask(line)
      #expect(refused["error"]?["type"]?.string == "upstream_error")
      #expect(refused["promptd"]?["status"]?.int == 418)
      #expect(refused["promptd"]?["body"] != nil)
      #expect(try await outcome(client, line) == "miss")
    }
  }
}

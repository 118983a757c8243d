import Crypto
import JSON
import PromptSandbox
import TestSupport
import Testing

/// What people do with the cache over the socket.
@Suite struct CacheMethodsTests {
  private static let kept = "keep_sandbox = true"

  private func question(_ number: Int, more: String = "") -> String {
    ChatLine.bare("question \(number)", more: more)
  }

  private func outcome(_ client: LineClient, _ line: String) async throws -> String? {
    try await client.ask(line)["promptd"]?["cache"]?.string
  }

  /// The entries that a call brings, and its result.
  private func entries(
    _ client: LineClient, _ method: String, _ params: String = "{}"
  ) async throws -> (entries: [JSONTree], result: JSONTree?) {
    try await client.send(ChatLine.call(1, method, params))
    var entries: [JSONTree] = []
    while true {
      let line = try await client.reply()
      guard line["method"]?.string == "cache.entry" else { return (entries, line["result"]) }
      entries.append(try #require(line["params"]?["entry"]))
    }
  }

  private func ask(
    _ client: LineClient, _ method: String, _ params: String = "{}"
  ) async throws -> JSONTree {
    let reply = try await client.ask(ChatLine.call(1, method, params))
    return try #require(reply["result"] ?? reply["error"])
  }

  // MARK: Looking

  @Test func everythingThatIsKeptIsListedAndShown() async throws {
    try await DaemonFixture.run(cache: Self.kept) { daemon in
      let client = try daemon.client()
      for number in 0..<3 { _ = try await client.ask(question(number)) }
      let list = try await entries(client, "cache.list")
      #expect(list.result?["count"]?.int == 3)
      #expect(list.entries.allSatisfy { $0["model"]?.string == "sandbox/echo" })
      #expect(list.entries.allSatisfy { $0["answer"] == nil && $0["bytes"]?.int ?? 0 > 0 })
      let key = try #require(list.entries[1]["key"]?.string)
      let shown = try await entries(client, "cache.get", #"{"key":"\#(key.prefix(12))"}"#)
      #expect(shown.entries.count == 1)
      #expect(shown.entries[0]["request"]?["key"]?["model"]?.string == "sandbox/echo")
      #expect(shown.entries[0]["answer"]?["object"]?.string == "chat.completion")
      let none = try await entries(client, "cache.list", #"{"model":"other"}"#)
      #expect(none.entries.isEmpty && none.result?["count"]?.int == 0)
    }
  }

  @Test func aLongExportComesWhileTheClientReads() async throws {
    try await DaemonFixture.run(cache: Self.kept) { daemon in
      let client = try daemon.client()
      let count = 12
      for number in 0..<count {
        let line = ChatLine.bare("\(number)", model: "sandbox/huge?bytes=400000")
        #expect(try await outcome(client, line) == "miss")
      }
      let all = try await entries(client, "cache.export")
      #expect(all.result?["count"]?.int == count)
      #expect(Set(all.entries.compactMap { $0["key"]?.string }).count == count)
    }
  }

  @Test func theStoreIsVerified() async throws {
    try await DaemonFixture.run(cache: Self.kept) { daemon in
      let client = try daemon.client()
      for number in 0..<3 { _ = try await client.ask(question(number)) }
      let result = try await ask(client, "cache.verify")
      #expect(result["checked"]?.int == 3 && result["damaged"]?.int == 0)
    }
  }

  // MARK: Explaining

  @Test func anExplanationNamesBothFormsAndTheKeysAreTheirs() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let body = question(1, more: #","temperature":0.5,"seed":9007199254740993"#)
      let miss = try await ask(client, "cache.explain", body)
      #expect(miss["outcome"]?.string == "miss" && miss["stored"]?.bool == false)
      let forms = [("canonical_key", "key"), ("canonical_variant", "variant")]
      for (form, digest) in forms {
        let text = try #require(miss[form]?.string)
        let hash = SHA256.hash(data: Array(text.utf8)).map { byte in
          String(UInt8(byte) >> 4, radix: 16) + String(UInt8(byte) & 15, radix: 16)
        }.joined()
        #expect(miss[digest]?.string == hash)
      }
      #expect(miss["canonical_key"]?.string?.contains("9007199254740993") == true)
      let told = try await client.ask(body)["promptd"]?["key"]
      #expect(told == miss["key"])
      let hit = try await ask(client, "cache.explain", body)
      #expect(hit["outcome"]?.string == "hit" && hit["tier"]?.string == "memory")
      // It made no call, and left no trace.
      #expect(await daemon.sandbox.calls.waitUntil { _ in true }.started == 1)
    }
  }

  @Test func theNearestEntryAndTheMembersThatDifferAreNamed() async throws {
    try await DaemonFixture.run(cache: Self.kept) { daemon in
      let client = try daemon.client()
      _ = try await client.ask(question(1, more: #","temperature":0.5,"seed":1"#))
      _ = try await ask(client, "cache.verify")
      let variant = try await ask(
        client, "cache.explain", question(1, more: #","temperature":0.7,"top_p":0.9,"seed":1"#))
      let differs = variant["nearest"]?["differs"]?.array?.compactMap(\.string) ?? []
      #expect(Set(differs) == ["temperature", "top_p"])
      let key = try await ask(
        client, "cache.explain", question(2, more: #","temperature":0.5,"seed":1"#))
      #expect(key["nearest"]?["differs"] == .array([.string("messages[0].content")]))
    }
  }

  @Test(arguments: [
    ("refresh", "refreshed"), ("bypass", "bypassed"), ("only", "not_cached"), ("use", "miss"),
  ])
  func whatIsAskedOfTheCacheCounts(_ control: String, _ outcome: String) async throws {
    try await DaemonFixture.run { daemon in
      let body = question(1, more: #","promptd":{"cache":"\#(control)"}"#)
      let result = try await ask(try daemon.client(), "cache.explain", body)
      #expect(result["outcome"]?.string == outcome)
    }
  }

  @Test func anEntryIsFoundHoweverManyVariantsItsKeyHas() async throws {
    // Nothing stays in memory, and each entry is most of a page.
    try await DaemonFixture.run(cache: Self.kept + "\nmemory = \"1MiB\"") { daemon in
      let client = try daemon.client()
      func body(_ number: Int) -> String {
        ChatLine.bare(
          "q", model: "sandbox/huge?bytes=600000", more: #","top_p":0.\#(number)"#)
      }
      for number in 1...4 { _ = try await client.ask(body(number)) }
      let found = try await ask(client, "cache.explain", body(4))
      #expect(found["outcome"]?.string == "hit" && found["tier"]?.string == "disk")
    }
  }

  @Test func whatWouldLeadNowhereIsSaid() async throws {
    let others = "[default_client]\nmodels = [\"sandbox/*\", \"other/*\"]\n"
    let models = #"models = ["sandbox/*"]"#
    try await DaemonFixture.run(others: others, upstream: models) { daemon in
      let client = try daemon.client()
      let other = ChatLine.bare("q", model: "other/model")
      #expect(try await ask(client, "cache.explain", other)["outcome"]?.string == "no_upstream")
      let secret = ChatLine.bare("q", model: "secret/model")
      let refusal = try await ask(client, "cache.explain", secret)
      #expect(refusal["data"]?["type"]?.string == "forbidden")
    }
  }

  @Test func aBodyThatWouldBeRefusedIsRefused() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let body = question(1, more: #","temperature":9"#)
      #expect(try await ask(client, "cache.explain", body)["code"]?.int == -32602)
      #expect(try await ask(client, "ping")["protocol"]?.int == 1)
    }
  }

  // MARK: Purging

  @Test func whatIsPurgedIsGoneFromMemoryAndDisk() async throws {
    try await DaemonFixture.run(cache: Self.kept) { daemon in
      let client = try daemon.client()
      for number in 0..<3 { _ = try await client.ask(question(number)) }
      let key = try #require(try await client.ask(question(1))["promptd"]?["key"]?.string)
      let one = try await ask(client, "cache.purge", #"{"key":"\#(key)"}"#)
      #expect(one["removed"]?["memory"]?.int == 1 && one["removed"]?["disk"]?.int == 1)
      #expect(try await outcome(client, question(1)) == "miss")
      #expect(try await outcome(client, question(0)) == "hit")
      let old = try await ask(client, "cache.purge", #"{"older_than":3600}"#)
      #expect(old["removed"]?["disk"]?.int == 0)
      let all = try await ask(client, "cache.purge", #"{"all":true}"#)
      #expect(all["removed"]?["disk"]?.int == 3)
      #expect(try await outcome(client, question(0)) == "miss")
    }
  }

  @Test func whatAClockMadeThatWasAheadCanBePurgedToo() async throws {
    try await DaemonFixture.run(cache: Self.kept) { daemon in
      let client = try daemon.client()
      _ = try await client.ask(question(1))
      let row = try await entries(client, "cache.export").entries[0]
      let made = try #require(row["created"]?.int)
      let ahead = row.text.replacing("\"created\":\(made)", with: "\"created\":\(made + 1_000_000)")
      _ = try await ask(client, "cache.import", #"{"entries":[\#(ahead)]}"#)
      let all = try await ask(client, "cache.purge", #"{"all":true}"#)
      #expect(all["removed"]?["disk"]?.int == 1)
      #expect(try await outcome(client, question(1)) == "miss")
    }
  }

  @Test(arguments: [
    "{}", #"{"all":false}"#, #"{"all":true,"model":"m"}"#, #"{"modle":"m"}"#, #"{"key":"12"}"#,
    #"{"key":7}"#, #"{"variant":"12"}"#, #"{"older_than":-1}"#, #"{"older_than":"1d"}"#, "[1]",
  ])
  func aPurgeThatDoesNotSayWhatPurgesNothing(_ params: String) async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      _ = try await client.ask(question(1))
      let refusal = try await ask(client, "cache.purge", params)
      #expect([-32602, -32600].contains(refusal["code"]?.int))
      #expect(try await outcome(client, question(1)) == "hit")
    }
  }

  // MARK: Cassettes

  @Test func whatIsExportedAndImportedIsHitAsBefore() async throws {
    let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
    let lines = (0..<5).map { question($0, more: #","temperature":0.\#($0)"#) }
    var exported: [JSONTree] = []
    var answers: [JSONTree?] = []
    try await DaemonFixture.run(cache: Self.kept, in: first) { daemon in
      let client = try daemon.client()
      for line in lines { answers.append(try await client.ask(line)["choices"]) }
      exported = try await entries(client, "cache.export").entries
    }
    // Another machine without an upstream, which replays.
    try await DaemonFixture.run(cache: #"mode = "replay""#, upstream: nil, in: second) { daemon in
      let client = try daemon.client()
      let rows = exported.map(\.text).joined(separator: ",")
      let result = try await ask(client, "cache.import", #"{"entries":[\#(rows)]}"#)
      #expect(result["imported"]?.int == 5 && result["refused"] == .array([]))
      for (line, answer) in zip(lines, answers) {
        let reply = try await client.ask(line)
        #expect(reply["promptd"]?["cache"]?.string == "hit")
        #expect(reply["choices"] == answer)
      }
      let again = try await entries(client, "cache.export").entries
      #expect(
        Set(again.compactMap { $0["created"]?.int })
          == Set(exported.compactMap { $0["created"]?.int }))
      let missing = try await client.ask(question(99))
      #expect(missing["error"]?["type"]?.string == "not_cached")
      #expect(missing["promptd"]?["key"]?.string?.count == 64)
    }
  }

  private static let entry = """
    {"request":{"key":{"messages":[{"content":"q","role":"user"}],"model":"m","seed":null},\
    "variant":VARIANT},"answer":ANSWER,"origin":"o","created":1,"expires":9000000000000}
    """

  @Test func anAnswerThatPromptdGaveIsTakenInWithoutWhatItSaidOfIt() async throws {
    try await DaemonFixture.run(cache: #"mode = "replay""#) { daemon in
      let client = try daemon.client()
      let entry = Self.entry.replacing("VARIANT", with: "{}").replacing(
        "ANSWER",
        with: #"{"choices":[{"finish_reason":"stop","message":{"content":"x"}}],"promptd":{}}"#)
      let result = try await ask(client, "cache.import", #"{"entries":[\#(entry)]}"#)
      #expect(result["imported"]?.int == 1)
      let reply = try await client.ask(ChatLine.bare("q", model: "m"))
      #expect(reply["promptd"]?["cache"]?.string == "hit")
    }
  }

  /// A canonical number with more digits than the parser takes, and a depth that an entry adds to.
  @Test(arguments: [
    "1e20", String(repeating: "[", count: 1015) + String(repeating: "]", count: 1015),
  ])
  func aRequestThatCannotBeReadAgainIsNotKeptAndItsAnswerIs(_ value: String) async throws {
    try await DaemonFixture.run(cache: Self.kept) { daemon in
      let client = try daemon.client()
      let line = question(1, more: #","x":\#(value)"#)
      #expect(try await outcome(client, line) == "miss")
      let export = try await entries(client, "cache.export")
      #expect(export.entries.count == 1 && export.entries[0]["request"] == .null)
      #expect(try await ask(client, "cache.verify")["damaged"]?.int == 0)
      #expect(try await outcome(client, line) == "hit")
    }
  }

  @Test func whatWasPurgedComesBackFromItsExport() async throws {
    try await DaemonFixture.run(cache: Self.kept) { daemon in
      let client = try daemon.client()
      _ = try await client.ask(question(1, more: #","stream":true"#))
      var line = try await client.reply()
      while line["object"]?.string != "chat.completion" { line = try await client.reply() }
      let rows = try await entries(client, "cache.export").entries
      #expect(rows.count == 1 && rows[0]["boundaries"]?.array?.isEmpty == false)
      _ = try await ask(client, "cache.purge", #"{"all":true}"#)
      _ = try await ask(client, "cache.import", #"{"entries":[\#(rows[0].text)]}"#)
      #expect(try await outcome(client, question(1)) == "hit")
    }
  }

  @Test(arguments: [
    ("{}", "request must be"), (#"{"request":{"key":{},"variant":{}}}"#, "request must be"),
    (
      #"{"request":{"key":{"messages":[],"model":"m","seed":null},"variant":{}},"answer":7}"#,
      "answer must be"
    ),
    (
      #"{"request":{"key":{"messages":[],"model":"m","seed":null},"variant":{}},"answer":{}}"#,
      "the answer may not be kept: too_few_choices"
    ),
    (
      #"{"request":{"key":{"messages":[],"model":"m","seed":null},"variant":{"n":2}},"answer":{"choices":[{"finish_reason":"stop","message":{"content":"x"}}]}}"#,
      "too_few_choices"
    ),
    (
      #"{"request":{"key":{"messages":[],"model":"m","seed":null},"variant":{}},"answer":{"choices":[{"finish_reason":"stop","message":{"content":"x"}}]},"boundaries":7}"#,
      "boundaries must be"
    ),
    (
      #"{"request":{"key":{"messages":[],"model":"m","seed":null},"variant":{}},"answer":{"choices":[{"finish_reason":"stop","message":{"content":"x"}}]}}"#,
      "origin, created and expires"
    ),
    (
      #"{"request":{"key":{"messages":[],"model":"m","seed":null},"variant":{}},"answer":{"error":{},"choices":[{"finish_reason":"stop","message":{"content":"x"}}]}}"#,
      "answer is an error"
    ),
    (
      #"{"request":{"key":{"messages":[],"model":"m","seed":null},"variant":{}},"answer":{"system_fingerprint":"sandbox","choices":[]}}"#,
      "cache.keep_sandbox"
    ),
  ])
  func whatCouldNotHaveBeenStoredIsRefused(_ entry: String, _ reason: String) async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let result = try await ask(client, "cache.import", #"{"entries":[\#(entry)]}"#)
      #expect(result["imported"]?.int == 0)
      #expect(result["refused"]?[0]?["reason"]?.string?.contains(reason) == true)
    }
  }
}

import JSON
import PromptSandbox
import TestSupport
import Testing

@Suite struct HTTPSessionTests {
  private func chunks(
    _ response: APIResponse
  ) throws -> (chunks: [JSONTree], isDone: Bool) {
    (try response.chunks, response.events.last == "[DONE]")
  }

  // MARK: Answers

  @Test func theBodyIsTheAPIsAloneAndHeadersSayWhatHappened() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let first = try await client.ask(ChatLine.bare("hello"))
      #expect(first.status == 200)
      #expect(try first.content == "hello")
      #expect(try first.json["promptd"] == nil)
      #expect(first.headers["x-promptd-cache"] == "miss")
      #expect(first.headers["content-type"] == "application/json")
      let told = try first.promptd
      #expect(told?["request"]?.string == first.headers["x-promptd-request"])
      #expect(told?["upstream"]?.string == "sandbox")
      #expect(told?["billed"]?["prompt_tokens"]?.int ?? 0 > 0)
      let second = try await client.ask(ChatLine.bare("hello"))
      #expect(second.headers["x-promptd-cache"] == "hit")
      #expect((0...60).contains(second.headers["age"].flatMap(Int.init) ?? -1))
      #expect(second.body == first.body)
    }
  }

  /// One way of writing is for connections that go on, the other for all else.
  @Test func aHitSaysTheSameHoweverItIsWritten() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let miss = try await client.ask(ChatLine.bare("hello"))
      var hits: [APIResponse] = []
      for _ in 0..<3 { hits.append(try await client.ask(ChatLine.bare("hello"))) }
      hits.append(try await client.ask(ChatLine.bare("hello"), headers: ["Connection: close"]))
      func lasting(_ hit: APIResponse) throws -> [String] {
        try (hit.promptd?.members ?? []).filter { !["request", "age_s"].contains($0.name) }
          .map { "\($0.name)=\($0.value.text)" }
      }
      let said = try hits.map(lasting)
      #expect(said.allSatisfy { $0 == said[0] && $0.count == 6 }, "\(said)")
      for hit in hits {
        #expect(hit.status == 200 && hit.isComplete && hit.body == miss.body)
        #expect(hit.headers["content-length"] == String(miss.body.count))
        let told = try hit.promptd
        #expect(told?["request"]?.string == hit.headers["x-promptd-request"])
        let members = [
          "request", "cache", "key", "age_s", "upstream", "client", "priority", "billed",
        ]
        #expect((told?.members ?? []).map(\.name) == members)
        let names = Set(hit.headers.keys).subtracting(["connection"])
        #expect(
          names == [
            "x-promptd", "x-promptd-request", "x-promptd-cache", "age", "content-type",
            "content-length",
          ])
      }
    }
  }

  @Test func aStreamEndsInDoneAndItsLastChunkSaysAll() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      for outcome in ["miss", "hit"] {
        let response = try await client.ask(ChatLine.bare("one two", more: #","stream":true"#))
        #expect(response.headers["content-type"]?.hasPrefix("text/event-stream") == true)
        #expect(response.headers["x-promptd-cache"] == outcome)
        let (chunks, isDone) = try chunks(response)
        #expect(isDone)
        let text = chunks.compactMap { $0["choices"]?[0]?["delta"]?["content"]?.string }.joined()
        #expect(text == "one two")
        #expect(chunks.last?["choices"]?[0]?["finish_reason"]?.string == "stop")
        #expect(chunks.last?["promptd"]?["cache"]?.string == outcome)
        #expect(chunks.last?["promptd"]?["billed"] != nil)
        #expect(chunks.dropLast().allSatisfy { $0["promptd"] == nil && $0["usage"] == nil })
      }
    }
  }

  @Test func theUsageComesLastToThoseWhoAsk() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let more = #","stream":true,"stream_options":{"include_usage":true}"#
      for _ in 0..<2 {
        let (chunks, isDone) = try chunks(try await client.ask(ChatLine.bare("x", more: more)))
        #expect(isDone)
        #expect(chunks.last?["usage"]?["prompt_tokens"] != nil)
        #expect(chunks.last?["choices"]?.array?.isEmpty == true)
        #expect(chunks.last?["promptd"] != nil)
      }
    }
  }

  @Test func linesAndHTTPShareTheSocketAndTheCache() async throws {
    try await DaemonFixture.run { daemon in
      #expect(try await daemon.client().ask(ChatLine.bare("x"))["choices"] != nil)
      let response = try await daemon.httpClient().ask(ChatLine.bare("x"))
      #expect(response.headers["x-promptd-cache"] == "hit")
    }
  }

  @Test func aHitIsCountedOnceInWhicheverDialect() async throws {
    try await DaemonFixture.run { daemon in
      let (http, lines) = (try daemon.httpClient(), try daemon.client())
      for _ in 0..<2 { #expect(try await http.ask(ChatLine.bare("x")).status == 200) }
      #expect(try await lines.ask(ChatLine.bare("x"))["choices"] != nil)
      let status = try await lines.ask(ChatLine.call(1, "status"))["result"]
      #expect(status?["requests"]?["total"]?.int == 3)
      #expect(status?["requests"]?["hits"]?.int == 2)
      #expect(status?["clients"]?[0]?["hits"]?.int == 2)
    }
  }

  @Test func headersAndTheBodysOwnMemberSayHowItIsTreated() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      func outcome(_ headers: [String], more: String = "") async throws -> String? {
        let response = try await client.ask(ChatLine.bare("x", more: more), headers: headers)
        return response.headers["x-promptd-cache"] ?? "\(response.status)"
      }
      #expect(try await outcome(["Cache-Control: only-if-cached"]) == "504")
      #expect(try await outcome(["Cache-Control: no-store"]) == "bypassed")
      #expect(try await outcome(["X-Promptd-Priority: low"]) == "miss")
      #expect(try await outcome(["Cache-Control: no-cache"]) == "refreshed")
      #expect(try await outcome(["X-Promptd-Cache: bypass"]) == "bypassed")
      let use = #","promptd":{"cache":"use"}"#
      #expect(try await outcome(["Cache-Control: no-store"], more: use) == "hit")
    }
  }

  // MARK: Errors

  @Test(
    arguments: [
      ("not json", 400, "parse_error", nil), ("[]", 400, "invalid_params", nil),
      (#"{"model":"m"}"#, 400, "invalid_params", "messages"),
      (ChatLine.bare("x", more: #","temperature":3"#), 400, "invalid_params", "temperature"),
      (
        ChatLine.bare("x", model: "sandbox/status?code=429&retry_after=7"), 429, "upstream_error",
        nil
      ),
      (ChatLine.bare("x", model: "sandbox/status?code=418"), 418, "upstream_error", nil),
      (ChatLine.bare("x", model: "sandbox/garbage"), 502, "upstream_error", nil),
      (ChatLine.bare("x", more: #","promptd":{"cache":"only"}"#), 504, "not_cached", nil),
      (
        ChatLine.bare("x", model: "sandbox/silent", more: #","promptd":{"timeout":0.1}"#), 504,
        "deadline_exceeded", nil
      ),
    ] as [(String, Int, String, String?)])
  func anErrorHasItsStatusAndIsNotWorthRetrying(
    _ body: String, _ status: Int, _ type: String, _ param: String?
  ) async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let response = try await client.ask(body)
      #expect(response.status == status)
      #expect(try response.json["error"]?["type"]?.string == type)
      #expect(try response.json["error"]?["param"]?.string == param)
      #expect(response.headers["x-should-retry"] == "false")
      if status == 429 { #expect(response.headers["retry-after"] == "7") }
      // The connection goes on.
      #expect(try await client.ask(ChatLine.bare("after")).status == 200)
    }
  }

  @Test func aFullQueueIsWorthRetrying() async throws {
    let one = "[queue]\nmax_queued = 1"
    try await DaemonFixture.run(others: one, upstream: "max_concurrent = 1") { daemon in
      let client = try daemon.client()
      for id in 1...2 {
        let body = ChatLine.bare("n\(id)", model: "sandbox/silent")
        try await client.send(ChatLine.call(id, "chat", body))
      }
      try await daemon.waitUntilQueued(1)
      let response = try await daemon.httpClient().ask(ChatLine.bare("n3"))
      #expect(response.status == 429)
      #expect(response.headers["retry-after"].flatMap { Int($0) } ?? 0 >= 1)
      #expect(response.headers["x-should-retry"] == nil)
    }
  }

  @Test(arguments: ["sandbox/cut?after=3", "sandbox/error-frame?after=3"])
  func aStreamThatDiesSaysSoAndIsNeverDone(_ model: String) async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let line = ChatLine.bare("one two three", model: model, more: #","stream":true"#)
      for _ in 0..<2 {
        let response = try await client.ask(line)
        #expect(response.status == 200 && response.isComplete)
        let chunks = try response.chunks
        #expect(chunks.last?["error"]?["type"]?.string == "stream_interrupted")
        #expect(chunks.last?["promptd"]?["partial"]?["choices"] != nil)
        #expect(!response.events.contains("[DONE]"))
      }
      #expect(daemon.sandbox.calls.record.started == 2)
    }
  }

  @Test func aStreamThatNeverBeginsIsAnErrorWithItsStatus() async throws {
    try await DaemonFixture.run { daemon in
      let line = ChatLine.bare("x", model: "sandbox/status?code=503", more: #","stream":true"#)
      let response = try await daemon.httpClient().ask(line)
      #expect(response.status == 503)
      #expect(try response.json["error"]?["type"]?.string == "upstream_error")
    }
  }

  // MARK: Leaving

  @Test func aClientThatGoesAwayHasItsCallCancelled() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      try await client.send(APIClient.request(ChatLine.bare("x", model: "sandbox/silent")))
      await daemon.sandbox.calls.waitUntil { $0.running == 1 }
      client.close()
      await daemon.sandbox.calls.waitUntil { $0.cancelled == 1 && $0.running == 0 }
    }
  }

  @Test func aClientThatHalfClosesIsAnswered() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let slow = ChatLine.bare("x", model: "sandbox/slow?first_byte_ms=100")
      try await client.send(APIClient.request(slow))
      client.finish()
      #expect(try await client.response().status == 200)
      await #expect(throws: ConnectionFailure.self) { try await client.response() }
    }
  }
}

import JSON
import PromptSandbox
import TestSupport
import Testing

/// A client that sends the same head again and again, which promptd knows by then.
@Suite struct RepeatedHeadTests {
  /// Asks the same until it is known byte for byte, head and body.
  private func known(_ body: String, _ client: APIClient, headers: [String] = []) async throws {
    for _ in 0..<4 { #expect(try await client.ask(body, headers: headers).status == 200) }
  }

  @Test func everyReplySaysTheSame() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let first = try await client.ask(ChatLine.bare("a"))
      #expect(try first.promptd?["cache"]?.string == "miss")
      var requests: Set<String> = []
      for _ in 0..<6 {
        let next = try await client.ask(ChatLine.bare("a"))
        #expect(next.body == first.body)
        #expect(next.headers["x-promptd-cache"] == "hit")
        #expect(next.headers["content-type"] == "application/json")
        #expect(try next.promptd?["cache"]?.string == "hit")
        requests.insert(next.headers["x-promptd-request"] ?? "none")
      }
      #expect(requests.count == 6)
    }
  }

  @Test func bodiesOfOtherLengthsAreTheirOwn() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      try await known(ChatLine.bare("short"), client)
      let long = String(repeating: "long", count: 500)
      for text in [long, "short", "new", long, "short"] {
        #expect(try await client.ask(ChatLine.bare(text)).content == text)
      }
    }
  }

  @Test func whatIsNewUnderAKnownHeadIsAskedOrRefusedLikeAnyRequest() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      for round in 0..<3 {
        let text = "new \(round)"
        let whole = try await client.ask(ChatLine.bare(text))
        #expect(try whole.content == text)
        #expect(whole.headers["x-promptd-cache"] == "miss")
        let stream = try await client.ask(
          ChatLine.bare(text, more: #","stream":true,"seed":\#(round)"#))
        #expect(stream.events.last == "[DONE]" && stream.isComplete)
        #expect(try await client.ask("{").status == 400)
        #expect(try await client.ask("").status == 400)
        #expect(try await client.ask(ChatLine.bare("x", more: #","temperature":9"#)).status == 400)
      }
    }
  }

  @Test func whoGoesWhileANewOneIsAskedTakesTheCallBack() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      try await known(ChatLine.bare("a"), client)
      try await client.send(APIClient.request(ChatLine.bare("x", model: "sandbox/silent")))
      await daemon.sandbox.calls.waitUntil { $0.running == 1 }
      client.close()
      await daemon.sandbox.calls.waitUntil { $0.running == 0 }
    }
  }

  @Test func whoSaysNoMoreBehindANewOneIsAnswered() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      try await known(ChatLine.bare("a"), client)
      try await client.send(APIClient.request(ChatLine.bare("new")))
      client.finish()
      #expect(try await client.response().content == "new")
      await #expect(throws: ConnectionFailure.self) { try await client.response() }
    }
  }

  @Test func whatIsAllowedIsLookedAtForEachRequest() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      try await known(ChatLine.bare("a"), client)
      try daemon.rewrite {
        $0 = "[[client]]\nname = \"n\"\nuser = \"root\"\nmodels = [\"none\"]\n" + $0
      }
      _ = try await daemon.client().ask(ChatLine.call(1, "reload"))
      #expect(try await client.ask(ChatLine.bare("a")).status == 403)
      #expect(try await client.ask(ChatLine.bare("new")).status == 403)
    }
  }

  @Test func aHeadOfManyBytesIsReadEachTime() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let headers = ["X-Pad: \(String(repeating: "x", count: 10_000))"]
      try await known(ChatLine.bare("a"), client, headers: headers)
      #expect(try await client.ask(ChatLine.bare("new"), headers: headers).content == "new")
    }
  }

  @Test func aRequestInPiecesIsAnsweredAfterAKnownOne() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      try await known(ChatLine.bare("a"), client)
      let request = APIClient.request(ChatLine.bare("a"))
      for cut in [1, 20, request.count - 30, request.count - 1] {
        try await client.send(Array(request[..<cut]))
        // The daemon has read the piece when it answers somebody else.
        #expect(try await daemon.httpClient().ask(method: "GET", path: "/healthz").status == 200)
        try await client.send(Array(request[cut...]))
        #expect(try await client.response().content == "a")
      }
    }
  }

  @Test func manyInOneWriteAreAnsweredInOrder() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      for text in ["a", "b"] { try await known(ChatLine.bare(text), client) }
      let row = ["a", "b", "a", "a"]
      for _ in 0..<3 {
        try await client.send(row.flatMap { APIClient.request(ChatLine.bare($0)) })
        for text in row { #expect(try await client.response().content == text) }
        #expect(try await client.ask(ChatLine.bare("b")).content == "b")
      }
    }
  }

  @Test func aRequestThatIsKnownBehindHalfAnotherIsItsBody() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      try await known(ChatLine.bare("a"), client)
      let inner = APIClient.request(ChatLine.bare("a"))
      let outer =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: test\r\nContent-Length: \(inner.count)"
      try await client.send(Array("\(outer)\r\n\r\n".utf8))
      #expect(try await daemon.httpClient().ask(method: "GET", path: "/healthz").status == 200)
      try await client.send(inner)
      #expect(try await client.response().status == 400, "no JSON")
      #expect(try await client.ask(ChatLine.bare("a")).content == "a")
    }
  }

  @Test func streamsChunksAndOptionsAreTakenInBetween() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let whole = ChatLine.bare("a")
      let stream = String(whole.dropLast()) + #","stream":true}"#
      try await known(whole, client)
      try await known(stream, client)
      for _ in 0..<3 {
        let streamed = try await client.ask(stream)
        #expect(streamed.events.last == "[DONE]")
        #expect(streamed.isComplete)
        #expect(try await client.ask(whole).content == "a")
      }
      let fresh = try await client.ask(whole, headers: ["Cache-Control: no-store"])
      #expect(fresh.headers["x-promptd-cache"] == "bypassed")
      try await client.send(
        Array(
          """
          POST /v1/chat/completions HTTP/1.1\r
          Host: test\r
          Transfer-Encoding: chunked\r
          \r
          \(String(whole.utf8.count, radix: 16))\r
          \(whole)\r
          0\r
          \r

          """.utf8))
      #expect(try await client.response().content == "a")
      #expect(try await client.ask(whole).content == "a")
    }
  }

  @Test func whoClosesAfterAReplyIsNotTakenForOneWhoGoesOn() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      for _ in 0..<4 { #expect(try await client.ask(ChatLine.bare("a")).content == "a") }
      let last = try await client.ask(ChatLine.bare("a"), headers: ["Connection: close"])
      #expect(try last.content == "a")
      await #expect(throws: ConnectionFailure.self) { try await client.response() }
    }
  }
}

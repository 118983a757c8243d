import JSON
import PromptSandbox
import TestSupport
import Testing

/// What a connection that speaks HTTP takes, whatever is asked for.
@Suite struct HTTPConnectionTests {
  private func request(_ method: String, _ path: String) -> [UInt8] {
    Array("\(method) \(path) HTTP/1.1\r\nHost: test\r\n\r\n".utf8)
  }

  @Test func aLongRowOfRequestsInOneWriteIsAnsweredInOrder() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let count = 3000
      let row = (0..<count).flatMap { request("GET", $0 % 3 == 0 ? "/healthz" : "/nothing") }
      async let sent: Void = client.send(row)
      for number in 0..<count {
        #expect(try await client.response().status == (number % 3 == 0 ? 200 : 404))
      }
      try await sent
    }
  }

  @Test func pipelinedChatsAreAnsweredInOrder() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let texts = ["slow", "a", "b"]
      let row = texts.flatMap { text in
        APIClient.request(
          ChatLine.bare(
            text, model: text == "slow" ? "sandbox/slow?first_byte_ms=200" : "sandbox/echo"))
      }
      try await client.send(row)
      for text in texts { #expect(try await client.response().content == text) }
    }
  }

  @Test func methodsAndPathsThatAreNotServedAreTold() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let wrong = try await client.ask("", method: "DELETE", path: "/v1/models")
      #expect(wrong.status == 405)
      #expect(wrong.headers["allow"] == "GET, HEAD, OPTIONS")
      let get = try await client.ask("", method: "GET", path: "/v1/chat/completions?x=1")
      #expect(get.status == 405 && get.headers["allow"] == "POST, OPTIONS")
      #expect(try await client.ask("", path: "/v1/embeddings").status == 404)
      try await client.send(Array("GET /healthz HTTP/1.1\r\n\r\n".utf8))
      #expect(try await client.response().status == 400, "without Host")
      try await client.send(Array("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".utf8))
      #expect(try await client.response().status == 400, "with two")
      try await client.send(request("OPTIONS", "/v1/chat/completions"))
      let options = try await client.response()
      #expect(options.status == 204 && options.headers["allow"] == "POST, OPTIONS")
    }
  }

  @Test func headBringsTheHeadersAlone() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      try await client.send(request("HEAD", "/healthz") + request("GET", "/nothing"))
      let head = try await client.response(headOnly: true)
      #expect(head.status == 200 && head.headers["content-length"] != "0")
      // What follows the head is the next response, and no body.
      #expect(try await client.response().status == 404)
    }
  }

  @Test func aBodyMayComeInChunksOrAfterAnInvitation() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let body = ChatLine.bare("in pieces")
      let head = "POST /v1/chat/completions HTTP/1.1\r\nHost: test\r\n"
      let (first, second) = (body.prefix(20), body.dropFirst(20))
      let chunked =
        head + "Transfer-Encoding: chunked\r\n\r\n"
        + "\(String(first.utf8.count, radix: 16))\r\n\(first)\r\n"
        + "\(String(second.utf8.count, radix: 16))\r\n\(second)\r\n0\r\n\r\n"
      try await client.send(Array(chunked.utf8))
      #expect(try await client.response().content == "in pieces")
      let invited = head + "Content-Length: \(body.utf8.count)\r\nExpect: 100-continue\r\n\r\n"
      try await client.send(Array(invited.utf8))
      #expect(try await client.response().status == 100)
      try await client.send(Array(body.utf8))
      #expect(try await client.response().headers["x-promptd-cache"] == "hit")
    }
  }

  @Test(arguments: [
    ("POST /v1/chat/completions HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999\r\n\r\n", 413),
    (
      "POST /v1/chat/completions HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nExpect: tea\r\n\r\n",
      417
    ),
    (
      "GET /healthz HTTP/1.1\r\nHost: t\r\nX: \(String(repeating: "x", count: 70_000))\r\n\r\n", 431
    ),
    ("GET /healthz HTTP/1.1\r\nbad header\r\n\r\n", 400), ("HELLO\r\n\r\n", 400),
    (
      "POST /v1/chat/completions HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
      400
    ),
  ])
  func whatCannotGoOnIsToldAndClosed(_ bytes: String, _ status: Int) async throws {
    try await DaemonFixture.run(listen: #"max_line_bytes = "1MiB""#) { daemon in
      let client = try daemon.httpClient()
      try await client.send(Array(bytes.utf8))
      let response = try await client.response()
      #expect(response.status == status)
      #expect(response.headers["connection"] == "close")
      #expect(try response.json["error"]?["message"]?.string?.isEmpty == false)
      await #expect(throws: ConnectionFailure.self) { try await client.response() }
    }
  }

  @Test func whatCameBeforeABadRequestIsAnswered() async throws {
    try await DaemonFixture.run { daemon in
      let head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
      for bad in [head + "zz\r\n", "nonsense\r\n\r\n"] {
        let client = try daemon.httpClient()
        let good = APIClient.request(
          ChatLine.bare("first", model: "sandbox/slow?first_byte_ms=50"))
        try await client.send(good + Array(bad.utf8))
        #expect(try await client.response().content == "first")
        #expect(try await client.response().status == 400)
      }
    }
  }

  @Test func whoHalfClosesIsAnsweredWhateverIsStillOwed() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let huge = APIClient.request(ChatLine.bare("x", model: "sandbox/huge?bytes=3000000"))
      try await client.send(huge + request("GET", "/healthz") + huge)
      client.finish()
      for status in [200, 200, 200] {
        let response = try await client.response()
        #expect(response.status == status && response.isComplete)
      }
      await #expect(throws: ConnectionFailure.self) { try await client.response() }
    }
  }

  @Test func aStoppingDaemonLetsARunningReplyBeRead() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let huge = ChatLine.bare("x", model: "sandbox/huge?bytes=3000000")
      try await client.send(APIClient.request(huge))
      await daemon.sandbox.calls.waitUntil { $0.started == 1 && $0.running == 0 }
      try await daemon.waitUntil { $0["queue"]?["running"]?.int == 0 }
      daemon.stop()
      #expect(try await client.response().isComplete)
    }
  }

  @Test func whoWantsToSpeakSomethingElseIsAnsweredOnce() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let upgrade =
        "GET /healthz HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
      try await client.send(Array(upgrade.utf8))
      let response = try await client.response()
      #expect(response.status == 200 && response.headers["connection"] == "close")
      await #expect(throws: ConnectionFailure.self) { try await client.response() }
    }
  }

  @Test func olderClientsGetNothingTheyCannotRead() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let old = "GET http://localhost/healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
      try await client.send(Array(old.utf8))
      let kept = try await client.response()
      #expect(kept.status == 200 && kept.headers["connection"] == "keep-alive")
      let body = ChatLine.bare("x", more: #","stream":true"#)
      try await client.send(
        Array(
          "POST /v1/chat/completions HTTP/1.0\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            .utf8))
      let stream = try await client.response()
      #expect(stream.headers["transfer-encoding"] == nil)
    }
  }

  @Test func aBodyThatGrowsTooLongIsRefused() async throws {
    try await DaemonFixture.run(listen: #"max_line_bytes = "64KiB""#) { daemon in
      let client = try daemon.httpClient()
      let head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
      let chunk = "8000\r\n" + String(repeating: "x", count: 0x8000) + "\r\n"
      try await client.send(Array((head + chunk + chunk + chunk).utf8))
      let response = try await client.response()
      #expect(response.status == 413)
      #expect(try response.json["error"]?["type"]?.string == "too_large")
    }
  }

  @Test func healthModelsAndMetricsAreServed() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let health = try await client.ask("", method: "GET", path: "/healthz")
      #expect(try health.json["status"]?.string == "serving")
      for path in ["/v1/models", "/openai/v1/models"] {
        let models = try await client.ask("", method: "GET", path: path)
        #expect(
          try models.json["data"]?.array?.contains { $0["id"]?.string == "sandbox/echo" } == true)
      }
      let metrics = try await client.ask("", method: "GET", path: "/metrics")
      #expect(metrics.headers["content-type"]?.hasPrefix("application/openmetrics-text") == true)
      #expect(String(decoding: metrics.body, as: UTF8.self).hasSuffix("# EOF\n"))
    }
  }
}

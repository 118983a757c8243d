import JSON
import PromptSandbox
import TestSupport
import Testing

/// What one connection goes through.
@Suite struct APIConnectionTests {
  @Test func aConnectionServesOneRequestAfterAnother() async throws {
    try await SandboxFixture.run { fixture in
      let client = try fixture.client()
      for text in ["a", "b", "c"] {
        #expect(try await client.ask(ChatText.body(text)).content == text)
        let stream = try await client.ask(ChatText.body(text, #","stream":true"#))
        #expect(stream.isComplete)
      }
      #expect(fixture.calls.record.started == 6)
    }
  }

  @Test func pipelinedRequestsAreAnsweredInTheirOrder() async throws {
    try await SandboxFixture.run { fixture in
      let client = try fixture.client()
      let models = ["sandbox/slow?first_byte_ms=60", "sandbox/echo", "sandbox/trickle"]
      let requests = (0..<300).map { number in
        APIClient.request(ChatText.body("\(number)", model: models[number < 3 ? number : 1]))
      }
      async let sent: Void = client.send(requests.flatMap(\.self))
      for number in requests.indices {
        #expect(try await client.response().content == "\(number)")
      }
      try await sent
      #expect(fixture.calls.record.mostRunning == 1)
    }
  }

  @Test func aConnectionClosesWhenTheCallerAsksForIt() async throws {
    try await SandboxFixture.run { fixture in
      let client = try fixture.client()
      let response = try await client.ask(ChatText.body("x"), headers: ["Connection: close"])
      #expect(response.headers["connection"] == "close")
      #expect(try response.content == "x")
      await #expect(throws: ConnectionFailure.self) { try await client.response() }
      #expect(fixture.calls.record.cancelled == 0)
    }
  }

  @Test(arguments: [
    "sandbox/silent", "sandbox/slow?first_byte_ms=3600000", "sandbox/huge?bytes=5000000",
  ])
  func aCallerWhoGoesAwayIsNoticed(_ model: String) async throws {
    for more in ["", #","stream":true"#] {
      try await SandboxFixture.run { fixture in
        let client = try fixture.client()
        try await client.send(APIClient.request(ChatText.body(model: model, more)))
        await fixture.calls.waitUntil { $0.running == 1 }
        #expect(fixture.calls.record.cancelled == 0)
        client.close()
        let record = await fixture.calls.waitUntil { $0.cancelled == 1 }
        #expect(record.running == 0 && record.started == 1)
      }
    }
  }

  @Test func aCallerWhoGoesAwayInMidStreamIsNoticed() async throws {
    try await SandboxFixture.run { fixture in
      let client = try fixture.client()
      let model = "sandbox/slow?first_byte_ms=0&tokens_per_s=0.001"
      try await client.send(
        APIClient.request(ChatText.body(model: model, #","stream":true"#)))
      await fixture.calls.waitUntil { $0.running == 1 }
      client.close()
      await fixture.calls.waitUntil { $0.cancelled == 1 && $0.running == 0 }
    }
  }

  @Test func anAnswerThatHasComeIsOver() async throws {
    try await SandboxFixture.run { fixture in
      let client = try fixture.client()
      for model in ["sandbox/echo", "sandbox/trickle", "sandbox/status", "sandbox/huge"] {
        _ = try await client.ask(ChatText.body(model: model))
        #expect(fixture.calls.record.running == 0)
      }
      _ = try await client.ask(ChatText.body(model: "sandbox/cut"))
      #expect(fixture.calls.record.running == 0)
      #expect(fixture.calls.record.cancelled == 0)
      #expect(fixture.calls.record.started == 5)
    }
  }

  @Test func callsUnderWayAreCounted() async throws {
    try await SandboxFixture.run { fixture in
      let clients = [try fixture.client(), try fixture.client(), try fixture.client()]
      for client in clients {
        try await client.send(APIClient.request(ChatText.body(model: "sandbox/silent")))
      }
      await fixture.calls.waitUntil { $0.running == 3 }
      for client in clients { client.close() }
      let record = await fixture.calls.waitUntil { $0.running == 0 }
      #expect(record.mostRunning == 3 && record.cancelled == 3 && record.started == 3)
    }
  }

  @Test func bodiesAndHeadersAreRecorded() async throws {
    try await SandboxFixture.run { fixture in
      let body = ChatText.body("ä")
      _ = try await fixture.client().ask(
        body, headers: ["Authorization: Bearer k", "X-A: 1", "x-a: 2"])
      let call = try #require(fixture.calls.record.calls.first)
      #expect(call.body == Array(body.utf8))
      #expect(call.headers["authorization"] == "Bearer k")
      #expect(call.headers["x-a"] == "1, 2")
      #expect(fixture.calls.record.bodies == [body])
    }
  }

  @Test func aLongBodyIsTaken() async throws {
    try await SandboxFixture.run { fixture in
      let text = String(repeating: "words ", count: 500_000)
      let answer = try await fixture.client().ask(ChatText.body(text))
      #expect(try answer.content == text)
    }
  }

  @Test func aBodyBeyondTheLimitIsRefused() async throws {
    try await SandboxFixture.run { fixture in
      let client = try fixture.client()
      let length = (64 << 20) + 1
      let head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\n"
      try await client.send(Array(head.utf8))
      try await client.send([UInt8](repeating: 0x20, count: length))
      let response = try await client.response()
      #expect(response.status == 413)
      #expect(try response.json["error"]?["type"]?.string == "invalid_request_error")
      #expect(fixture.calls.record.started == 0)
    }
  }

  @Test func whatIsNoHTTPIsRefused() async throws {
    try await SandboxFixture.run { fixture in
      let client = try fixture.client()
      try await client.send(Array("{\"model\":\"m\"}\r\n\r\n".utf8))
      #expect(try await client.response().status == 400)
    }
  }
}

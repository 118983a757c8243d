import JSON
import PromptSandbox
import TestSupport
import Testing

/// The models that fail, asked over a socket.
@Suite struct ReplyTests {
  private func ask(
    _ model: String, text: String = "a b c d e f", _ more: String = ""
  ) async throws -> APIResponse {
    var response: APIResponse?
    try await SandboxFixture.run {
      response = try await $0.client().ask(ChatText.body(text, model: model, more))
    }
    return try #require(response)
  }

  @Test func slowWaitsBeforeItsFirstByte() async throws {
    let clock = ContinuousClock()
    let start = clock.now
    let response = try await ask("sandbox/slow?first_byte_ms=150", text: "x")
    #expect(clock.now - start >= .milliseconds(150))
    #expect(try response.content == "x")
    #expect(try response.json["model"]?.string == "sandbox/slow?first_byte_ms=150")
  }

  @Test(arguments: ["", #","stream":true"#])
  func slowTakesItsTimeForEachToken(_ more: String) async throws {
    let clock = ContinuousClock()
    let start = clock.now
    let response = try await ask("sandbox/slow?first_byte_ms=0&tokens_per_s=50", more)
    // Six tokens at 20 ms.
    #expect(clock.now - start >= .milliseconds(120))
    #expect(response.isComplete)
  }

  @Test func aStatusComesWithItsRetryAfter() async throws {
    let response = try await ask("sandbox/status?code=429&retry_after=2&retry_after_ms=1500")
    #expect(response.status == 429)
    #expect(response.headers["retry-after"] == "2")
    #expect(response.headers["retry-after-ms"] == "1500")
    #expect(try response.json["error"]?["type"]?.string == "rate_limit_error")
    #expect(try response.json["error"]?["code"]?.int == 429)
    #expect(try response.json["error"]?["message"]?.string?.isEmpty == false)
    let other = try await ask("sandbox/status?code=503")
    #expect(other.status == 503 && other.headers["retry-after"] == nil)
  }

  @Test func timesBoundsTheFaultsOfOneBody() async throws {
    try await SandboxFixture.run { fixture in
      let client = try fixture.client()
      let model = "sandbox/status?code=500&times=2"
      for status in [500, 500, 200, 200] {
        #expect(try await client.ask(ChatText.body("a", model: model)).status == status)
      }
      #expect(try await client.ask(ChatText.body("b", model: model)).status == 500)
      for _ in 0..<4 {
        #expect(try await client.ask(ChatText.body(model: "sandbox/status")).status == 500)
      }
    }
  }

  @Test func timesGoesWithEveryFault() async throws {
    try await SandboxFixture.run { fixture in
      let body = ChatText.body("a", model: "sandbox/cut?times=1")
      let client = try fixture.client()
      let cut = try await client.ask(body)
      #expect(!cut.isComplete)
      let answer = try await fixture.client().ask(body)
      #expect(try answer.content == "a")
    }
  }

  @Test func cutDiesAfterSoManyChunks() async throws {
    let response = try await ask("sandbox/cut?after=5", #","stream":true"#)
    #expect(response.status == 200 && !response.isComplete)
    #expect(try response.chunks.count == 5)
    #expect(!response.events.contains("[DONE]"))
    let short = try await ask("sandbox/cut?after=99", text: "x", #","stream":true"#)
    #expect(!short.isComplete && !short.events.contains("[DONE]"))
    #expect(try await ask("sandbox/cut?after=0", #","stream":true"#).body.isEmpty)
  }

  @Test func cutDiesInTheMiddleOfAWholeBody() async throws {
    let response = try await ask("sandbox/cut")
    let length = try #require(response.headers["content-length"].flatMap { Int($0) })
    #expect(!response.isComplete && response.body.count == length / 2)
  }

  @Test func garbageIsNoJSONAndNoUTF8() async throws {
    for more in ["", #","stream":true"#] {
      let response = try await ask("sandbox/garbage", more)
      #expect(response.status == 200 && response.isComplete && !response.body.isEmpty)
      #expect(throws: JSONError.self) { try response.json }
      #expect(String(validating: response.body, as: UTF8.self) == nil)
    }
    let stream = try await ask("sandbox/garbage", #","stream":true"#)
    #expect(stream.headers["content-type"] == "text/event-stream")
    #expect(throws: JSONError.self) { try stream.chunks }
  }

  @Test func anErrorFrameComesInsideASuccess() async throws {
    let model = "sandbox/error-frame?code=503&after=2"
    let stream = try await ask(model, #","stream":true"#)
    #expect(stream.status == 200 && stream.isComplete)
    #expect(try stream.chunks.map { $0["error"]?["code"]?.int } == [nil, nil, 503])
    let first = try await ask("sandbox/error-frame", #","stream":true"#)
    #expect(try first.chunks.map { $0["error"]?["type"]?.string } == ["server_error"])
    let whole = try await ask(model)
    #expect(whole.status == 200)
    #expect(try whole.json["error"]?["code"]?.int == 503)
    #expect(try whole.json["choices"] == nil)
  }

  @Test func hugeIsAsLongAsAskedFor() async throws {
    let model = "sandbox/huge?bytes=3000001"
    let whole = try await ask(model)
    #expect(try whole.content?.utf8.count == 3_000_001)
    let stream = try await ask(model, ChatText.streaming)
    #expect(StreamAssembly.completion(of: try stream.chunks).text == (try whole.json.text))
    #expect(try await ask("sandbox/huge?bytes=300000000").status == 400)
  }

  @Test func trickleComesByteByByte() async throws {
    let stream = try await ask("sandbox/trickle", text: "a b", #","stream":true"#)
    #expect(stream.chunkSizes.allSatisfy { $0 == 1 })
    #expect(stream.chunkSizes.count == stream.body.count)
    #expect(stream.isComplete && stream.events.last == "[DONE]")
    let whole = try await ask("sandbox/trickle", text: "a b")
    #expect(try whole.isComplete && whole.content == "a b")
  }
}

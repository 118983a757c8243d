import JSON
import PromptSandbox
import TestSupport
import Testing

@Suite struct LineSessionTests {
  @Test func aBareLineIsAnsweredByTheAPIsObjectAndThenFromTheCache() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let first = try await client.ask(ChatLine.bare("hello"))
      #expect(first["object"]?.string == "chat.completion")
      #expect(first["promptd"]?["cache"]?.string == "miss")
      #expect(first["promptd"]?["upstream"]?.string == "sandbox")
      #expect(first["promptd"]?["billed"]?["prompt_tokens"]?.int != 0)
      let second = try await client.ask(ChatLine.bare("hello"))
      #expect(second["promptd"]?["cache"]?.string == "hit")
      #expect(second["promptd"]?["billed"]?["prompt_tokens"]?.int == 0)
      #expect(second["choices"] == first["choices"])
      #expect(second["promptd"]?["key"] == first["promptd"]?["key"])
    }
  }

  @Test func repliesToBareLinesKeepTheirOrder() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let slow = ChatLine.bare("slow", model: "sandbox/slow?first_byte_ms=300")
      for line in [slow, ChatLine.bare("a"), "nonsense", ChatLine.bare("b")] {
        try await client.send(line)
      }
      #expect(try await client.reply()["model"]?.string?.hasPrefix("sandbox/slow") == true)
      #expect(try await client.reply()["choices"] != nil)
      #expect(try await client.reply()["error"] != nil)
      #expect(try await client.reply()["choices"] != nil)
    }
  }

  @Test func aClientThatReadsLateGetsEachReplyOnce() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let lines = (0..<10).map { number in
        ChatLine.bare("\(number) " + String(repeating: "x", count: 500), more: #","n":50"#)
      }
      for line in lines { #expect(try await client.ask(line)["choices"] != nil) }
      // The replies are far more than the socket and the channel hold, so the session has to wait,
      // and so has the client, who starts to read only once the daemon takes no more.
      let count = 400
      let burst = Array((0..<count).map { lines[$0 % lines.count] + "\n" }.joined().utf8)
      async let sent: Void = client.send(burst)
      try await daemon.waitUntil { $0["requests"]?["total"]?.int ?? 0 > 14 }
      for index in 0..<count {
        let text = try await client.reply()["choices"]?[0]?["message"]?["content"]?.string
        #expect(text?.hasPrefix("\(index % lines.count) ") == true)
      }
      try await sent
      #expect(try await client.ask(ChatLine.call(1, "ping"))["id"]?.int == 1)
    }
  }

  @Test func aBurstOfLinesInOneWriteIsAnsweredLineByLine() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let line = ChatLine.bare("again and again")
      #expect(try await client.ask(line)["choices"] != nil)
      let count = 5000
      async let sent: Void = client.send(
        Array(String(repeating: line + "\n", count: count).utf8))
      for _ in 0..<count {
        #expect(try await client.line()?.contains(#""cache":"hit""#) == true)
      }
      try await sent
      client.finish()
      #expect(try await client.line() == nil)
    }
  }

  @Test func callsAreAnsweredAsTheyAreReadyWithTheirIdsByteForByte() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let slow = ChatLine.bare("slow", model: "sandbox/slow?first_byte_ms=300")
      // In one write: the second must not be later than the answer to the first.
      try await client.send(
        #"{"jsonrpc":"2.0","id":"first","method":"chat","params":\#(slow)}"# + "\n"
          + #"{"jsonrpc":"2.0","id":1.50,"method":"ping"}"#)
      #expect(try await client.line()?.contains(#""id":1.50,"#) == true)
      #expect(try await client.reply()["id"]?.string == "first")
    }
  }

  @Test func aStreamBringsChunksAndTheWholeAtTheEnd() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      for outcome in ["miss", "hit"] {
        try await client.send(ChatLine.bare("one two three", more: #","stream":true"#))
        var text = ""
        var last = try await client.reply()
        while last["object"]?.string == "chat.completion.chunk" {
          text += last["choices"]?[0]?["delta"]?["content"]?.string ?? ""
          #expect(last["usage"] == nil || last["usage"] == .null)
          last = try await client.reply()
        }
        #expect(last["object"]?.string == "chat.completion")
        #expect(last["promptd"]?["cache"]?.string == outcome)
        #expect(last["choices"]?[0]?["message"]?["content"]?.string == text)
        #expect(!text.isEmpty)
      }
    }
  }

  @Test func theUsageChunkComesToThoseWhoAsk() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      for _ in 0..<2 {
        let more = #","stream":true,"stream_options":{"include_usage":true}"#
        try await client.send(ChatLine.bare("count me", more: more))
        var usages = 0
        var last = try await client.reply()
        while last["object"]?.string == "chat.completion.chunk" {
          if last["usage"]?["prompt_tokens"] != nil { usages += 1 }
          last = try await client.reply()
        }
        #expect(usages == 1)
      }
    }
  }

  @Test func streamedCallsAreNotifiedAndThenAnswered() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let body = ChatLine.bare("one two", more: #","stream":true"#)
      try await client.send(ChatLine.call(3, "chat", body))
      var chunks = 0
      var reply = try await client.reply()
      while reply["method"]?.string == "chat.chunk" {
        #expect(reply["params"]?["id"]?.int == 3)
        #expect(reply["params"]?["chunk"]?["object"]?.string == "chat.completion.chunk")
        chunks += 1
        reply = try await client.reply()
      }
      #expect(chunks > 1)
      #expect(reply["result"]?["promptd"]?["cache"]?.string == "miss")
    }
  }

  @Test func aHalfClosedConnectionIsAnsweredAndThenClosed() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      try await client.send(ChatLine.bare("slow", model: "sandbox/slow?first_byte_ms=200"))
      try await client.send(Array(ChatLine.bare("without its line break").utf8))
      client.finish()
      #expect(try await client.reply()["choices"] != nil)
      #expect(try await client.reply()["choices"] != nil)
      #expect(try await client.line() == nil)
    }
  }

  @Test func aClientThatGoesAwayHasItsCallCancelled() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      try await client.send(ChatLine.bare("x", model: "sandbox/silent"))
      await daemon.sandbox.calls.waitUntil { $0.running == 1 }
      client.close()
      await daemon.sandbox.calls.waitUntil { $0.cancelled == 1 && $0.running == 0 }
    }
  }

  @Test func aClientThatGoesAwayInTheMiddleOfALineHarmsNobody() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      try await client.send(Array(#"{"model":"sandbox/echo","mess"#.utf8))
      client.close()
      let other = try daemon.client()
      #expect(try await other.ask(ChatLine.bare("x"))["choices"] != nil)
    }
  }

  @Test func aCallIsCancelledByItsId() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let body = ChatLine.bare("x", model: "sandbox/silent")
      try await client.send(ChatLine.call(1, "chat", body))
      await daemon.sandbox.calls.waitUntil { $0.running == 1 }
      try await client.send(ChatLine.call(2, "chat.cancel", #"{"id":1}"#))
      let replies = [try await client.reply(), try await client.reply()]
      let result = replies.first { $0["id"]?.int == 2 }?["result"]
      #expect(result?["cancelled"]?.bool == true)
      #expect(replies.first { $0["id"]?.int == 1 }?["error"]?["code"]?.int == -32003)
      await daemon.sandbox.calls.waitUntil { $0.running == 0 }
    }
  }

  @Test func aRequestIsCancelledFromAnotherConnectionOfTheSameUser() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let other = try daemon.client()
      try await client.send(ChatLine.bare("x", model: "sandbox/silent"))
      await daemon.sandbox.calls.waitUntil { $0.running == 1 }
      let rows = try await other.ask(ChatLine.call(1, "queue.list"))["result"]?["rows"]
      let request = try #require(rows?[0]?["request"]?.string)
      let reply = try await other.ask(
        ChatLine.call(2, "chat.cancel", #"{"request":"\#(request)"}"#))
      #expect(reply["result"]?["cancelled"]?.bool == true)
      #expect(try await client.reply()["error"]?["type"]?.string == "cancelled")
    }
  }

  @Test func identicalRequestsUnderWayShareOneCall() async throws {
    try await DaemonFixture.run { daemon in
      let clients = try (0..<5).map { _ in try daemon.client() }
      try await daemon.whilePaused {
        for client in clients { try await client.send(ChatLine.bare("same")) }
        try await daemon.waitForRequests(5)
      }
      var outcomes: [String] = []
      for client in clients {
        outcomes.append(try await client.reply()["promptd"]?["cache"]?.string ?? "")
      }
      #expect(outcomes.sorted() == ["joined", "joined", "joined", "joined", "miss"])
      await daemon.sandbox.calls.waitUntil { $0.started == 1 }
    }
  }

  @Test func aConnectionWithAsManyRequestsAsMayBeWaitsAndThenGoesOn() async throws {
    try await DaemonFixture.run(listen: "max_in_flight_per_connection = 2") { daemon in
      let client = try daemon.client()
      for number in 0..<6 {
        try await client.send(
          ChatLine.bare("n\(number)", model: "sandbox/slow?first_byte_ms=50"))
      }
      for _ in 0..<6 { #expect(try await client.reply()["choices"] != nil) }
      await daemon.sandbox.calls.waitUntil { $0.mostRunning <= 2 }
    }
  }

  @Test func aNotificationWarmsTheCacheInSilence() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let body = ChatLine.bare("warm")
      try await client.send(#"{"jsonrpc":"2.0","method":"chat","params":\#(body)}"#)
      await daemon.sandbox.calls.waitUntil { $0.started == 1 && $0.running == 0 }
      let reply = try await client.ask(ChatLine.call(1, "chat", body))
      let outcome = reply["result"]?["promptd"]?["cache"]?.string
      #expect(outcome == "hit" || outcome == "joined")
    }
  }
}

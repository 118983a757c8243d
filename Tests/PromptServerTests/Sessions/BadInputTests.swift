import JSON
import TestSupport
import Testing

/// Whatever a client sends is answered in its place, and the connection goes on.
@Suite struct BadInputTests {
  /// Sends `line` between two good ones and returns its error's `type` and `param`.
  private func error(
    _ line: [UInt8]
  ) async throws -> (type: String?, param: String?, message: String) {
    var found: (String?, String?, String) = (nil, nil, "")
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      try await client.send(ChatLine.bare("before"))
      try await client.send(line + [0x0A])
      try await client.send(ChatLine.bare("after"))
      #expect(try await client.reply()["choices"] != nil)
      let reply = try await client.reply()
      #expect(try await client.reply()["choices"] != nil)
      let error = reply["error"]
      found = (error?["type"]?.string, error?["param"]?.string, error?["message"]?.string ?? "")
    }
    return found
  }

  private func error(_ line: String) async throws -> (type: String?, param: String?) {
    let found = try await error(Array(line.utf8))
    return (found.type, found.param)
  }

  @Test(arguments: [
    "not json", "{", #"{"a":1"#, "{\"a\":\"\u{0}\"}", #"{"model":"m","model":"m","messages":[]}"#,
    #"{"messages":"\ud800"}"#,
  ])
  func whatIsNoJSONIsAParseError(_ line: String) async throws {
    #expect(try await error(line).type == "parse_error")
  }

  @Test func invalidUTF8IsAParseError() async throws {
    #expect(try await error([0x7B, 0x22, 0xFF, 0x22, 0x7D]).type == "parse_error")
  }

  @Test func twoThousandLevelsAreAParseErrorThatNamesTheLimit() async throws {
    let deep = String(repeating: "[", count: 2000) + String(repeating: "]", count: 2000)
    let found = try await error(Array(#"{"messages":\#(deep)}"#.utf8))
    #expect(found.type == "parse_error")
    #expect(found.message.contains("1024") || found.message.contains("1,024"))
  }

  @Test(arguments: ["7", #""text""#, "null", "[]", #"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#])
  func whatIsNoObjectIsAnInvalidRequest(_ line: String) async throws {
    #expect(try await error(line).type == "invalid_request")
  }

  @Test(arguments: [
    (#"{"model":"m"}"#, "messages"),
    (#"{"messages":[{"role":"user","content":"x"}]}"#, "model"),
    (#"{"model":"m","messages":{}}"#, "messages"),
    (#"{"model":"m","messages":[]}"#, "messages"),
    (#"{"model":"m","messages":[{"role":"user","content":"x"}],"seed":"7"}"#, "seed"),
    (#"{"model":"m","messages":[{"role":"wizard","content":"x"}]}"#, "messages[0].role"),
    (#"{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":3.5}"#, "temperature"),
    (
      #"{"model":"m","messages":[{"role":"user","content":"x"}],"promptd":{"cahce":"use"}}"#,
      "promptd.cahce"
    ),
  ])
  func whatIsMissingOrWrongIsNamed(_ line: String, _ param: String) async throws {
    let found = try await error(line)
    #expect(found.type == "invalid_params")
    #expect(found.param == param)
  }

  @Test func theFirstLineMayBeBadToo() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      #expect(try await client.ask("17")["error"]?["type"]?.string == "invalid_request")
      #expect(try await client.ask("nonsense")["error"]?["type"]?.string == "parse_error")
      #expect(try await client.ask(ChatLine.bare("x"))["choices"] != nil)
    }
  }

  @Test func badLinesAmongCallsAreAnsweredAsCalls() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      #expect(try await client.ask(ChatLine.call(1, "ping"))["result"] != nil)
      let reply = try await client.ask("nonsense")
      #expect(reply["jsonrpc"]?.string == "2.0")
      #expect(reply["id"] == .null)
      #expect(reply["error"]?["code"]?.int == -32700)
    }
  }

  @Test(arguments: [
    (#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, -32600),
    (#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600),
    (#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
    (#"{"jsonrpc":"2.0","id":1,"method":7}"#, -32600),
    (#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, -32600),
    (#"{"jsonrpc":"2.0","id":1,"method":"summon"}"#, -32601),
    (#"{"jsonrpc":"2.0","id":1,"method":"chat"}"#, -32602),
    (#"{"jsonrpc":"2.0","id":1,"method":"chat","params":{"model":"m"}}"#, -32602),
    (#"{"jsonrpc":"2.0","id":1,"method":"chat.cancel","params":{}}"#, -32602),
  ])
  func badCallsGetTheirCode(_ line: String, _ code: Int) async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      #expect(try await client.ask(line)["error"]?["code"]?.int == code)
      #expect(try await client.ask(ChatLine.call(2, "ping"))["result"] != nil)
    }
  }

  @Test func aMethodThatIsNotKnownIsNamedAndNoMoreOfItThanNeeded() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let name = "no-" + String(repeating: "x", count: 100_000)
      let reply = try await client.ask(ChatLine.call(1, name))
      let message = reply["error"]?["message"]?.string
      #expect(message?.hasPrefix("there is no method no-xxx") == true)
      #expect(message?.utf8.count ?? 0 < 400)
    }
  }

  @Test func aLineOf40MiBIsTooLargeAndTheNextIsAnswered() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let huge = [UInt8](repeating: UInt8(ascii: "x"), count: 40 << 20)
      async let sending: Void = client.send(huge + [0x0A])
      try await sending
      try await client.send(ChatLine.bare("after"))
      #expect(try await client.reply()["error"]?["type"]?.string == "too_large")
      #expect(try await client.reply()["choices"] != nil)
    }
  }

  @Test func anIdUnderWayIsRefused() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      try await daemon.whilePaused {
        try await client.send(ChatLine.call(7, "chat", ChatLine.bare("x")))
        let refused = try await client.ask(ChatLine.call(7, "ping"))
        #expect(refused["error"]?["code"]?.int == -32600)
      }
      #expect(try await client.reply()["result"]?["choices"] != nil)
    }
  }

  @Test func withoutAnUpstreamEachChatSaysWhatToWrite() async throws {
    try await DaemonFixture.run(upstream: nil) { daemon in
      let client = try daemon.client()
      let error = try await client.ask(ChatLine.bare("x"))["error"]
      #expect(error?["type"]?.string == "no_upstream")
      #expect(error?["message"]?.string?.contains("[[upstream]]") == true)
    }
  }
}

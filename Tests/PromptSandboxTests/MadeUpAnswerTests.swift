import JSON
import PromptSandbox
import TestSupport
import Testing

/// What the answers are, asked for over a socket.
@Suite struct MadeUpAnswerTests {
  private static let tools =
    #","tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object","#
    + #""properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":2}},"#
    + #""required":["city","days"]}}},{"type":"function","function":{"name":"other"}}]"#
  private static let schema =
    #","response_format":{"type":"json_schema","json_schema":{"name":"a","schema":"#
    + #"{"type":"object","properties":{"ok":{"type":"boolean"},"in":{"enum":["m","ft"]}},"#
    + #""required":["ok","in"]}}}"#

  private func ask(_ body: String) async throws -> APIResponse {
    var response: APIResponse?
    try await SandboxFixture.run { response = try await $0.client().ask(body) }
    return try #require(response)
  }

  private func choice(_ body: String) async throws -> JSONTree {
    try #require(try await ask(body).json["choices"]?[0])
  }

  @Test func echoSaysWhatTheUserSaidLast() async throws {
    let body =
      #"{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"one"},"#
      + #"{"role":"user","content":[{"type":"text","text":"two "},"#
      + #"{"type":"image_url","image_url":"data:,"},{"type":"text","text":"parts\n\u00e4"}]},"#
      + #"{"role":"assistant","content":"no"}]}"#
    let response = try await ask(body)
    #expect(response.status == 200)
    #expect(response.headers["content-type"] == "application/json")
    #expect(try response.content == "two parts\nä")
    #expect(try response.json["model"]?.string == "m")
    #expect(try response.json["object"]?.string == "chat.completion")
    #expect(try response.json["system_fingerprint"]?.string == "sandbox")
  }

  @Test func theSameBodyGivesTheSameBytesInAnySandbox() async throws {
    let body = ChatText.body("x", #","seed":4,"n":2"#)
    let first = try await ask(body)
    #expect(try await ask(body).body == first.body)
    let other = try await ask(ChatText.body("x", #","seed":5,"n":2"#))
    #expect(try other.json["id"] != first.json["id"])
    #expect(try other.content == first.content)
    let created = try #require(try first.json["created"]?.int)
    #expect((1_735_689_600..<1_767_225_600).contains(created))
  }

  @Test(arguments: [
    "", #","n":3"#, #","logprobs":true,"top_logprobs":2,"n":2"#, #","max_tokens":2"#,
    #","stop":"me""#, #","separate_reasoning":true"#, tools, tools + #","n":2,"logprobs":true"#,
    schema, #","response_format":{"type":"json_object"}"#, #","enable_thinking":true"# + tools,
  ])
  func aStreamAssemblesToTheWholeAnswer(_ more: String) async throws {
    for text in ["tell me a tale of \"two\" cities\n\tand ä 🎈", ""] {
      try await SandboxFixture.run { fixture in
        let client = try fixture.client()
        let whole = try await client.ask(ChatText.body(text, more))
        let stream = try await client.ask(ChatText.body(text, more + ChatText.streaming))
        #expect(stream.headers["content-type"] == "text/event-stream")
        #expect(stream.isComplete && stream.events.last == "[DONE]")
        let chunks = try stream.chunks
        #expect(chunks.allSatisfy { $0["system_fingerprint"]?.string == "sandbox" })
        #expect(chunks.allSatisfy { $0["object"]?.string == "chat.completion.chunk" })
        #expect(StreamAssembly.completion(of: chunks).text == (try whole.json.text))
        #expect(whole.body == Array(try whole.json.text.utf8))
      }
    }
  }

  @Test func aStreamHasRolesWordsReasonsAndUsageInTheirOrder() async throws {
    let chunks = try await ask(ChatText.body("a b", ChatText.streaming)).chunks
    let deltas = chunks.map { $0["choices"]?[0]?["delta"] }
    #expect(deltas.first??["role"]?.string == "assistant")
    #expect(deltas.map { $0?["content"]?.string } == ["", "a", " b", nil, nil])
    #expect(
      chunks.map { $0["choices"]?[0]?["finish_reason"]?.string } == [nil, nil, nil, "stop", nil])
    #expect(chunks.last?["choices"] == .array([]))
    #expect(chunks.map { $0["usage"] != nil } == [false, false, false, false, true])
    let without = try await ask(ChatText.body("a b", #","stream":true"#)).chunks
    #expect(without.count == 4 && without.allSatisfy { $0["usage"] == nil })
  }

  @Test func choicesAreNumberedAndTakeTurns() async throws {
    let body = ChatText.body("a b", #","n":3,"stream":true"#)
    let indexes = try await ask(body).chunks.map { $0["choices"]?[0]?["index"]?.int }
    #expect(indexes.prefix(6) == [0, 1, 2, 0, 1, 2])
    let whole = try await ask(ChatText.body("a b", #","n":3"#)).json["choices"]?.array ?? []
    #expect(whole.map { $0["index"]?.int } == [0, 1, 2])
    #expect(whole.map { $0["message"]?["content"]?.string } == ["a b", "a b (2)", "a b (3)"])
  }

  @Test(arguments: [
    (#"" big""#, "a big"), (#"["zzz","b","big"]"#, "a b"), (#""zzz""#, "a big tale"),
    ("null", "a big tale"), (#""""#, "a big tale"),
  ])
  func theAnswerEndsWithTheFirstStopSequence(_ stop: String, _ content: String) async throws {
    let response = try await ask(ChatText.body("a big tale", #","stop":\#(stop)"#))
    #expect(try response.content == content)
    #expect(try response.json["choices"]?[0]?["finish_reason"]?.string == "stop")
  }

  @Test(arguments: ["max_tokens", "max_completion_tokens"])
  func tokensAreBoundedAndCounted(_ name: String) async throws {
    for (limit, words, reason) in [(2, "one two", "length"), (3, "one two three", "stop")] {
      let json = try await ask(ChatText.body("one two three", #","\#(name)":\#(limit)"#)).json
      #expect(json["choices"]?[0]?["message"]?["content"]?.string == words)
      #expect(json["choices"]?[0]?["finish_reason"]?.string == reason)
      #expect(json["usage"]?["completion_tokens"]?.int == limit)
    }
  }

  @Test func usageCountsAQuarterOfTheMessagesBytesAndAllChoices() async throws {
    let usage = try await ask(ChatText.body("one two", #","n":2"#)).json["usage"]
    // [{"role":"user","content":"one two"}] is 37 bytes; the second choice has a word more.
    #expect(usage?["prompt_tokens"]?.int == 10)
    #expect(usage?["completion_tokens"]?.int == 5)
    #expect(usage?["total_tokens"]?.int == 15)
  }

  @Test func logprobsComeForEachTokenWithItsAlternatives() async throws {
    let choice = try await choice(ChatText.body("a bä", #","logprobs":true,"top_logprobs":2"#))
    let tokens = choice["logprobs"]?["content"]?.array ?? []
    #expect(tokens.map { $0["token"]?.string } == ["a", " bä"])
    #expect(tokens.last?["bytes"]?.array?.compactMap(\.int) == Array(" bä".utf8).map(Int.init))
    for token in tokens {
      let top = token["top_logprobs"]?.array ?? []
      #expect(top.count == 2 && top[0]["token"] == token["token"])
      let values = top.compactMap { $0["logprob"]?.double }
      #expect(values.count == 2 && values[0] > values[1] && values[0] <= 0)
    }
    #expect(try await self.choice(ChatText.body("a"))["logprobs"] == nil)
  }

  @Test func theFirstFunctionIsCalledWithArgumentsOfItsSchema() async throws {
    let choice = try await choice(ChatText.body("rain?", Self.tools))
    #expect(choice["finish_reason"]?.string == "tool_calls")
    #expect(choice["message"]?["content"] == .null)
    let call = try #require(choice["message"]?["tool_calls"]?[0])
    #expect(call["type"]?.string == "function")
    #expect(call["id"]?.string?.hasPrefix("call_") == true)
    #expect(call["function"]?["name"]?.string == "weather")
    let arguments = try JSONTree(
      parsing: Array((call["function"]?["arguments"]?.string ?? "").utf8))
    #expect(arguments["city"]?.string != nil)
    #expect(arguments["days"]?.int ?? 0 >= 2)
  }

  @Test func aNamedFunctionIsPreferred() async throws {
    let more = Self.tools + #","tool_choice":{"type":"function","function":{"name":"other"}}"#
    let call = try await choice(ChatText.body("rain?", more))["message"]?["tool_calls"]?[0]
    #expect(call?["function"]?["name"]?.string == "other")
    #expect(call?["function"]?["arguments"]?.string == "{}")
  }

  @Test func noFunctionIsCalledWhenNoneIsWantedOrATurnIsOver() async throws {
    let unwanted = try await choice(ChatText.body("rain?", Self.tools + #","tool_choice":"none""#))
    #expect(unwanted["message"]?["content"]?.string == "rain?")
    #expect(unwanted["message"]?["tool_calls"] == nil)
    let answered = try await choice(
      #"{"model":"m","messages":[{"role":"user","content":"rain?"},{"role":"tool","content":"no"}]"#
        + Self.tools + "}")
    #expect(answered["message"]?["content"]?.string == "rain?")
    #expect(answered["finish_reason"]?.string == "stop")
  }

  @Test func contentIsJSONWhereJSONIsAskedFor() async throws {
    let object = try await ask(ChatText.body("x", #","response_format":{"type":"json_object"}"#))
    #expect(try JSONTree(parsing: Array(object.content?.utf8 ?? "".utf8))["answer"]?.string == "x")
    let made = try await ask(ChatText.body("x", Self.schema))
    let value = try JSONTree(parsing: Array(made.content?.utf8 ?? "".utf8))
    #expect(value["ok"]?.bool != nil)
    #expect(["m", "ft"].contains(value["in"]?.string))
    let text = try await ask(ChatText.body("x", #","response_format":{"type":"text"}"#))
    #expect(try text.content == "x")
  }

  @Test(arguments: ["separate_reasoning", "enable_thinking"])
  func reasoningComesApartWhenAskedFor(_ name: String) async throws {
    let message = try await choice(ChatText.body("x", #","\#(name)":true"#))["message"]
    #expect(message?["reasoning_content"]?.string?.isEmpty == false)
    #expect(message?["content"]?.string == "x")
    let plain = try await choice(ChatText.body("x", #","\#(name)":false"#))["message"]
    #expect(plain?["reasoning_content"] == nil)
  }

  @Test(arguments: [
    (#"{"messages":[{"role":"user","content":"x"}]}"#, "model"),
    (#"{"model":7,"messages":[{"role":"user","content":"x"}]}"#, "model"),
    (#"{"model":"m"}"#, "messages"), (#"{"model":"m","messages":[]}"#, "messages"),
    (ChatText.body("x", #","n":129"#), "n"), (ChatText.body("x", #","n":"2""#), "n"),
    (ChatText.body("x", #","max_tokens":0"#), "max_tokens"),
    (ChatText.body("x", model: "sandbox/status?code=twelve"), "model"),
    (ChatText.body("x", model: "sandbox/slow?tokens_per_s=0"), "model"),
    (ChatText.body("x", model: "sandbox/huge?bytes=100000000", #","n":20"#), nil),
  ])
  func whatTheAPINeedsIsAskedFor(_ body: String, _ param: String?) async throws {
    let response = try await ask(body)
    #expect(response.status == 400)
    #expect(try response.json["error"]?["param"]?.string == param)
    #expect(try response.json["error"]?["type"]?.string == "invalid_request_error")
  }
}

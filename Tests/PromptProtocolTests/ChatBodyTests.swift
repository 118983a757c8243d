import JSON
import PromptProtocol
import Testing

struct ChatBodyTests {
  private static let messages = #""messages":[{"role":"user","content":"hi"}]"#

  private func with<Result>(
    _ text: String, _ rules: ChatBody.Rules = .init(), _ read: (ChatBody) throws -> Result
  ) throws -> Result {
    try withJSON(text) { try read(ChatBody($0, rules: rules)) }
  }

  @Test func whatTheDaemonNeedsIsReadFromABody() throws {
    let text = body(
      #""seed":7,"stream":true,"stream_options":{"include_usage":true},"promptd":{"cache":"only"}"#)
    try with(text) {
      #expect($0.model.string == "m")
      #expect($0.messages.elements.map { $0["role"]?.string } == ["user"])
      #expect($0.seed?.int == 7)
      #expect($0.stream)
      #expect($0.includesUsage)
      #expect($0.options.cache == .only)
      #expect($0.root["model"]?.string == "m")
    }
  }

  @Test func whatIsLeftOutOrNullHasItsDefault() throws {
    for members in [
      #""x":0"#, #""seed":null,"stream":null,"stream_options":null,"promptd":null,"x":null"#,
    ] {
      try with(body(members)) {
        #expect($0.seed == nil)
        #expect(!$0.stream)
        #expect($0.streamOptions == nil)
        #expect(!$0.includesUsage)
        #expect($0.options == RequestOptions())
      }
    }
  }

  @Test func membersAreKnownThoughTheirNamesAreEscaped() throws {
    let text =
      #"{"mod\u0065l":"m","\u006dessages":[{"\u0072ole":"us\u0065r","content":""}],"s\u0065ed":7}"#
    try with(text) {
      #expect($0.model.string == "m")
      #expect($0.seed?.int == 7)
    }
    #expect(try bodyFault(body(#""t\u0065mperature":3"#))?.param == "temperature")
  }

  @Test(arguments: ["[]", "1", "\"x\"", "null", "true"])
  func aBodyIsAnObject(text: String) throws {
    let fault = try #require(try bodyFault(text))
    #expect(fault.name == .invalidParams)
    #expect(fault.message.hasPrefix("the body must be an object, not "))
  }

  @Test(arguments: [
    ("{}", "model"), ("{\(messages)}", "model"), (#"{"model":"m"}"#, "messages"),
    (#"{"messages":[{"role":"user","content":""}],"temperature":1}"#, "model"),
  ])
  func whatIsMissingIsNamed(text: String, param: String) throws {
    let fault = try #require(try bodyFault(text))
    #expect(fault.name == .invalidParams)
    #expect(fault.message == "\(param) is missing: it is required")
    #expect(fault.param == param)
  }

  @Test(arguments: [
    (#"{"model":null,\#(messages)}"#, "model", "model must be a string, not null"),
    (#"{"model":7,\#(messages)}"#, "model", "model must be a string, not an integer"),
    (#"{"model":"m","messages":null}"#, "messages", "messages must be an array, not null"),
    (#"{"model":"m","messages":{}}"#, "messages", "messages must be an array, not an object"),
    (#"{"model":"m","messages":[]}"#, "messages", "messages must not be empty"),
  ])
  func modelAndMessagesAreNeverNullOrOfAnotherKind(
    text: String, param: String, message: String
  ) throws {
    for rules in [ChatBody.Rules(), .init(validate: false), .init(validate: false, strict: true)] {
      let fault = try #require(try bodyFault(text, rules))
      #expect(fault.name == .invalidParams)
      #expect(fault.message == message)
      #expect(fault.param == param)
    }
  }

  @Test func aFaultyMessageIsNamedByItsPlace() throws {
    let text =
      #"{"model":"m","messages":[{"role":"user","content":"a"},{"role":"system","content":"b"},"#
      + #"{"role":"wizard"}]}"#
    let fault = try #require(try bodyFault(text))
    #expect(fault.param == "messages[2].role")
    #expect(
      fault.message
        == "messages[2].role must be one of user, system, assistant, tool, developer, function")
    let number = try #require(try bodyFault(#"{"model":"m","messages":[7]}"#))
    #expect(number.param == "messages[0]")
    #expect(number.message == "messages[0] must be an object, not an integer")
  }

  @Test func theFirstFaultInTheBodysOwnOrderIsReported() throws {
    #expect(try bodyFault(#"{"n":0,"temperature":9,"messages":[],"model":1}"#)?.param == "n")
    #expect(try bodyFault(#"{"temperature":9,"n":0}"#)?.param == "temperature")
    #expect(try bodyFault(#"{"messages":[{}],"temperature":9}"#)?.param == "messages[0].role")
    #expect(
      try bodyFault(#"{"promptd":{"cache":"no"},"temperature":9}"#)?.param == "promptd.cache")
  }

  @Test(arguments: ["7", "-7", "7.0", "1e3", "9223372036854775808", "18446744073709551615", "-0"])
  func aSeedIsAnyWholeNumberThatKeepsItsDigits(seed: String) throws {
    let raw = try with(body("\"seed\":\(seed)")) { $0.seed.map { Array($0.raw) } }
    #expect(raw == Array(seed.utf8))
  }

  @Test(arguments: [
    ("\"7\"", "seed must be an integer, not a string"),
    ("7.5", "seed must be an integer, not 7.5"),
    ("true", "seed must be an integer, not a boolean"),
    (
      "1e300",
      "seed must be an integer, below 2^53 where it has a point or an exponent, not 1e300"
    ),
    (
      "9007199254740992.0",
      "seed must be an integer, below 2^53 where it has a point or an exponent, "
        + "not 9007199254740992.0"
    ),
  ])
  func aSeedThatIsNoExactIntegerIsRefusedUnderAnyRules(seed: String, message: String) throws {
    for rules in [ChatBody.Rules(), .init(validate: false)] {
      let fault = try #require(try bodyFault(body("\"seed\":\(seed)"), rules))
      #expect(fault.message == message)
      #expect(fault.param == "seed")
    }
  }

  @Test func withoutValidationOnlyWhatTheDaemonNeedsIsChecked() throws {
    let rules = ChatBody.Rules(validate: false)
    let lax = #""temperature":99,"n":"many","stop":{},"tools":7,"logprobs":1,"top_logprobs":99"#
    #expect(try bodyFault(body(lax), rules) == nil)
    #expect(try bodyFault(#"{"model":"m","messages":[{"role":9}]}"#, rules) == nil)
    #expect(try bodyFault(#"{"model":"m","messages":[9]}"#, rules)?.param == "messages[0]")
    #expect(try bodyFault(body(#""stream":1"#), rules)?.param == "stream")
    #expect(try bodyFault(body(#""stream_options":1"#), rules)?.param == "stream_options")
    #expect(try bodyFault(body(#""promptd":{"x":1}"#), rules)?.param == "promptd.x")
  }

  @Test func strictRulesRefuseWhatTheAPIDoesNotDocument() throws {
    let strict = ChatBody.Rules(strict: true)
    #expect(try bodyFault(body(#""user":"u""#)) == nil)
    let fault = try #require(try bodyFault(body(#""max_tokens":1,"user":"u""#), strict))
    #expect(fault.param == "user")
    #expect(fault.message == "user is not a documented parameter, and api.strict refuses such")
    #expect(try bodyFault(body(#""max_tokens":1"#), strict) == nil)
    #expect(try bodyFault(body(#""max_tokens":1,"promptd":{}"#), strict) == nil)
  }

  @Test func strictRulesAskForMaxTokens() throws {
    let strict = ChatBody.Rules(strict: true)
    for members in [#""n":1"#, #""max_tokens":null"#] {
      let fault = try #require(try bodyFault(body(members), strict))
      #expect(fault.param == "max_tokens")
      #expect(fault.message == "max_tokens is missing: it is required")
    }
  }

  @Test func aHugeUndocumentedNameIsNotEchoedWhole() throws {
    // One grapheme of 100,000 scalars: a limit in characters would let it through.
    let name = "e" + String(repeating: "\u{301}", count: 100_000)
    let fault = try #require(try bodyFault(body("\"\(name)\":1"), .init(strict: true)))
    #expect(fault.message.utf8.count < 500)
    #expect((fault.param ?? "").utf8.count < 300)
  }

  @Test func topLogprobsNeedsLogprobs() throws {
    let message = "top_logprobs needs logprobs to be true"
    for members in [
      #""top_logprobs":3"#, #""top_logprobs":3,"logprobs":false"#,
      #""logprobs":null,"top_logprobs":0"#,
    ] {
      let fault = try #require(try bodyFault(body(members)))
      #expect(fault.param == "top_logprobs")
      #expect(fault.message == message)
    }
    #expect(try bodyFault(body(#""top_logprobs":3,"logprobs":true"#)) == nil)
    #expect(try bodyFault(body(#""logprobs":true"#)) == nil)
    #expect(try bodyFault(body(#""top_logprobs":null"#)) == nil)
  }

  @Test func streamOptionsNeedsStream() throws {
    for members in [#""stream_options":{}"#, #""stream":false,"stream_options":{}"#] {
      let fault = try #require(try bodyFault(body(members)))
      #expect(fault.param == "stream_options")
      #expect(fault.message == "stream_options needs stream to be true")
    }
    #expect(try bodyFault(body(#""stream_options":{},"stream":true"#)) == nil)
    #expect(try bodyFault(body(#""stream_options":{}"#), .init(validate: false)) == nil)
  }
}

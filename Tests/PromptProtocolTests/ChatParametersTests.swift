import JSON
import PromptProtocol
import Testing

/// The documented parameters: what each takes, and what it says to the rest.
struct ChatParametersTests {
  @Test(arguments: [
    ("temperature", ["0", "2", "1", "0.7", "2.0", "-0", "1e0", "null"]),
    ("top_p", ["1", "1e-9", "0.5", "null"]),
    ("min_p", ["0", "1", "0.05", "null"]),
    ("frequency_penalty", ["-2", "2", "0", "-0.1", "null"]),
    ("presence_penalty", ["-2", "2", "0", "-0.1", "null"]),
    ("repetition_penalty", ["2", "0.001", "null"]),
    ("max_tokens", ["1", "100000", "8.0", "1e3", "9223372036854775808", "null"]),
    ("n", ["1", "128", "2.0", "null"]),
    ("top_k", ["1", "128", "null"]),
    ("stop", [#""x""#, "\"\"", "[]", #"["a","b","c","d"]"#, "null"]),
    ("logit_bias", ["{}", #"{"50256":-100,"1":100,"2":0,"3":5.0}"#, "null"]),
    ("logprobs", ["true", "false", "null"]),
    ("stream", ["true", "false", "null"]),
    (
      "tools",
      [
        "[]", "null", #"[{"type":"function","function":{"name":"f"}}]"#,
        #"[{"type":"function","function":{"name":"f","description":"d","parameters":{},"strict":null}}]"#,
        #"[{"type":"web_search"}]"#,
      ]
    ),
    (
      "response_format",
      [
        #"{"type":"json_object"}"#, #"{"type":"text"}"#, "null",
        #"{"type":"json_schema","json_schema":{"name":"x","schema":{},"strict":true}}"#,
      ]
    ),
    ("separate_reasoning", ["true", "false", "null"]),
    ("enable_thinking", ["true", "false", "null"]),
    ("seed", ["0", "null"]),
    ("user", ["7", "null", "{}"]),
  ])
  func whatIsInRangeIsTaken(name: String, values: [String]) throws {
    for value in values {
      #expect(try bodyFault(body("\"\(name)\":\(value)")) == nil, "\(name): \(value)")
    }
  }

  @Test func aModelHasAtMost256Bytes() throws {
    for (count, isTaken) in [(1, true), (256, true), (257, false), (100_000, false)] {
      let model = String(repeating: "m", count: count)
      let text = #"{"model":"\#(model)","messages":[{"role":"user","content":"x"}]}"#
      let fault = try bodyFault(text)
      #expect((fault == nil) == isTaken)
      #expect(isTaken || fault?.message == "model must be at most 256 bytes long")
    }
  }

  @Test func topLogprobsGoesFromNoneToTwenty() throws {
    for value in ["0", "20", "5.0", "null"] {
      #expect(try bodyFault(body(#""logprobs":true,"top_logprobs":\#(value)"#)) == nil)
    }
  }

  @Test(arguments: [
    ("temperature", "3.5", "must be between 0 and 2, not 3.5"),
    ("temperature", "-0.1", "must be between 0 and 2, not -0.1"),
    ("temperature", "2.0000001", "must be between 0 and 2, not 2.0000001"),
    ("temperature", "18446744073709551615", "must be between 0 and 2, not 18446744073709551615"),
    ("temperature", "\"1\"", "must be a number, not a string"),
    ("temperature", "true", "must be a number, not a boolean"),
    ("top_p", "0", "must be above 0 and at most 1, not 0"),
    ("top_p", "1.01", "must be above 0 and at most 1, not 1.01"),
    ("top_p", "[1]", "must be a number, not an array"),
    ("min_p", "-1", "must be between 0 and 1, not -1"),
    ("min_p", "1.5", "must be between 0 and 1, not 1.5"),
    ("frequency_penalty", "-2.5", "must be between -2 and 2, not -2.5"),
    ("presence_penalty", "3", "must be between -2 and 2, not 3"),
    ("repetition_penalty", "0", "must be above 0 and at most 2, not 0"),
    ("repetition_penalty", "2.1", "must be above 0 and at most 2, not 2.1"),
    ("max_tokens", "0", "must be at least 1, not 0"),
    ("max_tokens", "-5", "must be at least 1, not -5"),
    ("max_tokens", "1.5", "must be an integer, not 1.5"),
    ("max_tokens", "\"9\"", "must be an integer, not a string"),
    ("n", "0", "must be between 1 and 128, not 0"),
    ("n", "129", "must be between 1 and 128, not 129"),
    ("n", "18446744073709551615", "must be between 1 and 128, not 18446744073709551615"),
    ("n", "0.5", "must be an integer, not 0.5"),
    ("top_k", "0", "must be between 1 and 128, not 0"),
    ("top_k", "129", "must be between 1 and 128, not 129"),
    ("top_logprobs", "21", "must be between 0 and 20, not 21"),
    ("top_logprobs", "-1", "must be between 0 and 20, not -1"),
    ("stop", #"["a","b","c","d","e"]"#, "must hold at most 4 strings"),
    ("stop", #"["a",1]"#, "must hold strings only"),
    ("stop", "[null]", "must hold strings only"),
    ("stop", "7", "must be a string or an array of strings, not an integer"),
    ("logit_bias", "[]", "must be an object, not an array"),
    ("logit_bias", #"{"1":101}"#, "must hold integers between -100 and 100"),
    ("logit_bias", #"{"1":-101}"#, "must hold integers between -100 and 100"),
    ("logit_bias", #"{"1":0.5}"#, "must hold integers between -100 and 100"),
    ("logit_bias", #"{"1":null}"#, "must hold integers between -100 and 100"),
    ("logprobs", "1", "must be a boolean, not an integer"),
    ("stream", "\"true\"", "must be a boolean, not a string"),
    ("stream_options", "true", "must be an object, not a boolean"),
    ("tools", "{}", "must be an array, not an object"),
    ("response_format", "\"json\"", "must be an object, not a string"),
    ("separate_reasoning", "0", "must be a boolean, not an integer"),
    ("enable_thinking", "\"no\"", "must be a boolean, not a string"),
  ])
  func whatIsOutOfRangeIsRefusedWithTheRange(name: String, value: String, text: String) throws {
    let fault = try #require(try bodyFault(body("\"\(name)\":\(value)")))
    #expect(fault.name == .invalidParams)
    #expect(fault.param == name)
    #expect(fault.message == "\(name) \(text)")
  }

  @Test func aVeryLongNumberIsNotEchoedWhole() throws {
    let number = "9." + String(repeating: "1", count: 100_000)
    let fault = try #require(try bodyFault(body("\"temperature\":\(number)")))
    #expect(fault.message.utf8.count < 120)
  }

  @Test func aParameterOutsideTheDocumentationHasNoRule() throws {
    try withJSON(#"["user","","temperature "]"#) { root in
      #expect(root.elements.allSatisfy { ChatParameters.rule(for: $0) == nil })
    }
  }
}

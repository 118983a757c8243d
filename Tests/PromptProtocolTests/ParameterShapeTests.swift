import JSON
import PromptProtocol
import Testing

/// Objects inside of parameters: which member is at fault, by its whole path.
struct ParameterShapeTests {
  @Test(arguments: [
    ("tools", "[7]", "tools[0]", "must be an object, not an integer"),
    ("tools", "[{}]", "tools[0].type", "is missing: it is required"),
    ("tools", #"[{"type":7}]"#, "tools[0].type", "must be a string, not an integer"),
    (
      "tools", #"[{"type":"other"},{"type":"function"}]"#, "tools[1].function",
      "is missing: it is required"
    ),
    (
      "tools", #"[{"type":"function","function":{}}]"#, "tools[0].function.name",
      "is missing: it is required"
    ),
    (
      "tools", #"[{"type":"function","function":{"name":"f","parameters":"{}"}}]"#,
      "tools[0].function.parameters", "must be an object, not a string"
    ),
    (
      "tools", #"[{"type":"function","function":{"name":"f","strict":1}}]"#,
      "tools[0].function.strict", "must be a boolean, not an integer"
    ),
    ("response_format", "{}", "response_format.type", "is missing: it is required"),
    (
      "response_format", #"{"type":"xml"}"#, "response_format.type",
      "must be one of text, json_object, json_schema"
    ),
    (
      "response_format", #"{"type":"json_schema"}"#, "response_format.json_schema",
      "is missing: it is required"
    ),
    (
      "response_format", #"{"type":"json_schema","json_schema":{"name":"x"}}"#,
      "response_format.json_schema.schema", "is missing: it is required"
    ),
    (
      "response_format", #"{"type":"json_schema","json_schema":{"schema":{}}}"#,
      "response_format.json_schema.name", "is missing: it is required"
    ),
  ])
  func theMemberAtFaultIsNamed(name: String, value: String, param: String, text: String) throws {
    let fault = try #require(try bodyFault(body("\"\(name)\":\(value)")))
    #expect(fault.name == .invalidParams)
    #expect(fault.param == param)
    #expect(fault.message == "\(param) \(text)")
  }

  @Test func includeUsageIsABoolean() throws {
    let fault = try bodyFault(body(#""stream":true,"stream_options":{"include_usage":1}"#))
    #expect(fault?.param == "stream_options.include_usage")
  }

  @Test func theFirstFaultInTheOrderOfTheBodyIsTold() throws {
    let members = [#""n":0"#, #""tools":{}"#, #""temperature":9"#]
    for (first, rest) in [(0, [1, 2]), (1, [2, 0]), (2, [0, 1])] {
      let text = ([first] + rest).map { members[$0] }.joined(separator: ",")
      #expect(try bodyFault(body(text))?.param == ["n", "tools", "temperature"][first])
    }
  }

  @Test func withoutValidationShapesAreLeftToTheUpstream() throws {
    let rules = ChatBody.Rules(validate: false)
    let text = body(#""tools":7,"response_format":{"type":"xml"},"temperature":9"#)
    #expect(try bodyFault(text, rules) == nil)
  }
}

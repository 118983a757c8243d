import JSON
import PromptProtocol
import Testing

struct MessageRuleTests {
  private func fault(_ text: String, validate: Bool = true) throws -> [String]? {
    try withJSON(text) { MessageRule.fault($0, validate: validate).map { [$0.path, $0.text] } }
  }

  @Test(arguments: [
    #"{"role":"user","content":"hi"}"#, #"{"role":"system","content":""}"#,
    #"{"role":"developer","content":[{"type":"text","text":"x"}]}"#,
    #"{"role":"user","content":{"type":"text","text":"x"}}"#,
    #"{"role":"assistant","content":null,"tool_calls":[]}"#,
    #"{"role":"assistant","content":null,"function_call":{}}"#,
    #"{"role":"assistant","tool_calls":[]}"#, #"{"role":"tool","content":"1","tool_call_id":"c"}"#,
    #"{"role":"function","content":"1","name":"f"}"#, #"{"role":"us\u0065r","content":"x"}"#,
    #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}]}"#,
    #"{"role":"user","content":[{"type":"video_url","video_url":"https://v.example/1"}]}"#,
    #"{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}"#,
    #"{"role":"assistant","reasoning_content":"hm"}"#,
    #"{"role":"user","content":"x","name":null}"#, #"{"role":"user","content":"x","else":7}"#,
  ])
  func whatTheAPITakesIsTaken(text: String) throws {
    #expect(try fault(text) == nil)
  }

  private static let roles = "must be one of user, system, assistant, tool, developer, function"

  @Test(arguments: [
    ("7", "", "must be an object, not an integer"),
    ("null", "", "must be an object, not null"),
    ("{}", ".role", "is missing: it is required"),
    (#"{"role":null}"#, ".role", roles),
    (#"{"role":"User"}"#, ".role", roles),
    (#"{"role":"","content":"x"}"#, ".role", roles),
    (#"{"role":7}"#, ".role", roles),
    (#"{"role":"user","content":null}"#, ".content", "may be null only beside tool_calls"),
    (
      #"{"role":"user","content":7}"#, ".content",
      "must be a string or an array of parts, not an integer"
    ),
    (
      #"{"role":"user","content":true}"#, ".content",
      "must be a string or an array of parts, not a boolean"
    ),
    (#"{"role":"user","content":"x","name":7}"#, ".name", "must be a string, not an integer"),
    (#"{"role":"user"}"#, ".content", "is missing: it is required"),
    (
      #"{"role":"user","content":null,"tool_calls":[]}"#, ".content",
      "may be null only beside tool_calls"
    ),
    (#"{"role":"assistant","tool_calls":{}}"#, ".tool_calls", "must be an array, not an object"),
    (#"{"role":"user","content":[]}"#, ".content", "must hold at least one part"),
    (#"{"role":"user","content":["x"]}"#, ".content[0]", "must be an object, not a string"),
    (#"{"role":"user","content":{"text":"x"}}"#, ".content.type", "is missing: it is required"),
    (
      #"{"role":"user","content":[{"type":"text","text":"x"},{"type":"text"}]}"#,
      ".content[1].text", "is missing: it is required"
    ),
    (
      #"{"role":"user","content":[{"type":"image_url","image_url":7}]}"#, ".content[0].image_url",
      "must be a string or an object with url, not an integer"
    ),
    (
      #"{"role":"user","content":[{"type":"video_url","video_url":{}}]}"#,
      ".content[0].video_url.url", "is missing: it is required"
    ),
  ])
  func whatItDoesNotTakeIsNamed(text: String, member: String, message: String) throws {
    #expect(try fault(text) == [member, message])
  }

  @Test func withoutValidationAnyObjectIsAMessage() throws {
    #expect(try fault(#"{"role":7,"content":7}"#, validate: false) == nil)
    #expect(try fault("[]", validate: false) == ["", "must be an object, not an array"])
  }
}

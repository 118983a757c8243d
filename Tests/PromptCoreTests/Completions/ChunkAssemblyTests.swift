import JSON
import PromptCore
import Testing

@Suite struct ChunkAssemblyTests {
  private func assembled(_ chunks: [String]) throws -> (completion: String, ChunkBoundaries) {
    var assembly = ChunkAssembly()
    let parser = JSONParser()
    for chunk in chunks {
      try parser.withDocument(of: chunk.utf8) { assembly.add($0) }
    }
    return (String(decoding: assembly.completion, as: UTF8.self), assembly.boundaries)
  }

  private func chunk(_ choices: String, _ more: String = "") -> String {
    #"{"id":"c","object":"chat.completion.chunk","created":5,"model":"m","choices":[\#(choices)]\#(more)}"#
  }

  private func delta(_ delta: String, index: Int = 0, reason: String = "null") -> String {
    #"{"index":\#(index),"delta":{\#(delta)},"finish_reason":\#(reason)}"#
  }

  @Test func textsAreJoinedAndTheRestIsTakenWhenItComes() throws {
    let (completion, _) = try assembled([
      chunk(delta(#""role":"assistant","content":"""#)),
      chunk(delta(#""reasoning_content":"hm""#)), chunk(delta(#""content":"one\n""#)),
      chunk(delta(#""content":"two \ud83d\ude00""#)), chunk(delta("", reason: #""stop""#)),
      chunk("", #","usage":{"completion_tokens":3}"#),
    ])
    #expect(
      completion
        == #"{"id":"c","object":"chat.completion","created":5,"model":"m","choices":[{"index":0,"#
        + #""message":{"role":"assistant","content":"one\ntwo 😀","reasoning_content":"hm"},"#
        + #""finish_reason":"stop"}],"usage":{"completion_tokens":3}}"#)
  }

  @Test func choicesAreKeptApart() throws {
    let (completion, _) = try assembled([
      chunk(delta(#""content":"b""#, index: 1)), chunk(delta(#""content":"a""#)),
      chunk(delta(#""content":"B""#, index: 1) + "," + delta(#""content":"A""#)),
    ])
    let choices = try JSONTree(parsing: Array(completion.utf8))["choices"]
    #expect(choices?[0]?["message"]?["content"]?.string == "aA")
    #expect(choices?[1]?["message"]?["content"]?.string == "bB")
  }

  @Test func toolCallsComeInPieces() throws {
    func call(_ inside: String) -> String { delta(#""tool_calls":[{\#(inside)}]"#) }
    let (completion, _) = try assembled([
      chunk(delta(#""role":"assistant","content":null"#)),
      chunk(
        call(#""index":0,"id":"x","type":"function","function":{"name":"f","arguments":""}"#)),
      chunk(call(#""index":0,"function":{"arguments":"{\"a\""}"#)),
      chunk(
        call(#""index":1,"id":"y","type":"function","function":{"name":"g","arguments":"{}"}"#)),
      chunk(call(#""index":0,"function":{"arguments":":1}"}"#)),
    ])
    let message = try JSONTree(parsing: Array(completion.utf8))["choices"]?[0]?["message"]
    #expect(message?["content"] == .null)
    let calls = message?["tool_calls"]
    #expect(calls?[0]?["function"]?["arguments"]?.string == #"{"a":1}"#)
    #expect(calls?[0]?["function"]?["name"]?.string == "f")
    #expect(calls?[1]?["id"]?.string == "y")
  }

  @Test func logprobsAreAppendedAndUnknownMembersPassThrough() throws {
    func logged(_ token: String) -> String {
      #"{"index":0,"delta":{"content":"\#(token)","novel":{"a":1}},"#
        + #""logprobs":{"content":[{"token":"\#(token)"}]},"finish_reason":null}"#
    }
    let (completion, _) = try assembled([
      chunk(logged("a"), #","service_tier":"x""#), chunk(logged("b")),
    ])
    let tree = try JSONTree(parsing: Array(completion.utf8))
    #expect(tree["service_tier"]?.string == "x")
    #expect(tree["choices"]?[0]?["logprobs"]?["content"]?.array?.count == 2)
    #expect(tree["choices"]?[0]?["message"]?["novel"]?["a"]?.int == 1)
  }

  @Test func whatNoServerShouldSendIsPassedOver() throws {
    let (completion, _) = try assembled([
      chunk(delta(#""content":"x""#, index: -1)), chunk(delta(#""content":"x""#, index: 1_000_000)),
      chunk(delta(#""content":7,"tool_calls":"none""#)), chunk("7,null,[]"),
      #"{"choices":{},"usage":null}"#, chunk(delta(#""tool_calls":[{"index":99999999}]"#)),
    ])
    let tree = try JSONTree(parsing: Array(completion.utf8))
    #expect(tree["choices"]?.array?.count == 1)
    #expect(tree["choices"]?[0]?["message"]?["content"] == .null)
  }

  @Test func theBoundariesSurviveTheirStoredForm() throws {
    let (_, boundaries) = try assembled([
      chunk(delta(#""content":"one""#)), chunk(delta(#""reasoning_content":"h""#, index: 2)),
      chunk(delta(#""tool_calls":[{"index":3,"function":{"arguments":"{}"}}]"#)),
    ])
    #expect(boundaries.pieces.count == 3)
    #expect(ChunkBoundaries(encoded: boundaries.encoded) == boundaries)
  }

  @Test(arguments: ["", "{}", "[1,2]", "[0,0,-1]", #"["a",0,1]"#, "[0,0,1e99]"])
  func whatIsNoStoredFormIsNone(_ text: String) {
    let boundaries = ChunkBoundaries(encoded: Array(text.utf8))
    #expect(boundaries == nil || boundaries?.pieces.isEmpty == true)
  }
}

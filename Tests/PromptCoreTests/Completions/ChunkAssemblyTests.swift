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

  // MARK: Members that are not known here

  /// What the message of the only choice holds under a name once these deltas have come.
  private func member(_ name: String, _ deltas: String...) throws -> String? {
    let (completion, _) = try assembled(deltas.map { chunk(delta($0)) })
    return try JSONTree(parsing: Array(completion.utf8))["choices"]?[0]?["message"]?[name]?.text
  }

  @Test func textsAreContinued() throws {
    #expect(try member("reasoning", #""reasoning":"th""#, #""reasoning":"ink""#) == #""think""#)
    #expect(try member("refusal", #""refusal":null"#, #""refusal":"no""#) == #""no""#)
    #expect(try member("refusal", #""refusal":"no""#, #""refusal":null"#) == #""no""#)
  }

  @Test func listsAreContinued() throws {
    #expect(try member("notes", #""notes":[{"a":1}]"#, #""notes":[2,[3]]"#) == #"[{"a":1},2,[3]]"#)
  }

  @Test func whatHasAnIndexIsContinuedInItsPlace() throws {
    let parts = try member(
      "parts", #""parts":[{"index":1,"type":"t","text":"a"}]"#,
      #""parts":[{"index":0,"text":"x"},{"index":1,"type":"t","text":"b"}]"#)
    #expect(parts == #"[{"index":1,"type":"t","text":"ab"},{"index":0,"text":"x"}]"#)
  }

  /// Looked for one by one they would take long.
  @Test func aLongListIsContinuedToo() throws {
    func list(_ text: String) -> String {
      let elements = (0..<20_000).map { #"{"index":\#($0),"text":"\#(text)"}"# }
      return #""parts":[\#(elements.joined(separator: ","))]"#
    }
    let parts = try #require(try member("parts", list("a"), list("b")))
    #expect(parts.hasPrefix(#"[{"index":0,"text":"ab"},{"index":1,"text":"ab"},"#))
    #expect(parts.hasSuffix(#"{"index":19999,"text":"ab"}]"#))
  }

  @Test func objectsAreContinuedMemberByMember() throws {
    let call = try member(
      "function_call", #""function_call":{"name":"f","arguments":""}"#,
      #""function_call":{"arguments":"{\"a\""}"#, #""function_call":{"name":"f","arguments":":1}"}"#
    )
    #expect(call == #"{"name":"f","arguments":"{\"a\":1}"}"#)
  }

  @Test func ofAnythingElseTheLastHolds() throws {
    #expect(try member("score", #""score":1"#, #""score":2.50"#) == "2.50")
    #expect(try member("score", #""score":{"a":1}"#, #""score":"x""#) == #""x""#)
  }

  @Test func whatStandsBesideTheMessageIsKept() throws {
    let (completion, _) = try assembled([
      #"{"choices":[{"index":0,"delta":{"content":"x"},"stop_reason":null}]}"#,
      #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop","stop_reason":7}]}"#,
    ])
    #expect(completion.contains(#""stop_reason":7,"finish_reason":"stop""#))
  }

  // MARK: Tool calls without an index, and of other tools

  private func calls(_ elements: String...) throws -> [JSONTree] {
    let (completion, _) = try assembled(
      elements.map { chunk(delta(#""tool_calls":[\#($0)]"#)) })
    let message = try JSONTree(parsing: Array(completion.utf8))["choices"]?[0]?["message"]
    return message?["tool_calls"]?.array ?? []
  }

  @Test func callsWithoutAnIndexAreToldApartByTheirIds() throws {
    let calls = try calls(
      #"{"id":"a","function":{"name":"f","arguments":"{"}}"#, #"{"function":{"arguments":"}"}}"#,
      #"{"id":"b","function":{"name":"g","arguments":"[]"}}"#,
      #"{"id":"a","function":{"arguments":" "}}"#)
    #expect(calls.map { $0["id"]?.string } == ["a", "b"])
    #expect(calls.map { $0["function"]?["arguments"]?.string } == ["{} ", "[]"])
  }

  @Test func ofSeveralCallsOfOneIdTheLatestGoesOn() throws {
    let same = (0..<20).map { #"{"index":\#($0),"id":"a","function":{"arguments":"x"}}"# }
    let other = #"{"id":"b","function":{"arguments":"y"}}"#
    let calls = try calls(
      (same + [other, #"{"id":"a","function":{"arguments":"z"}}"#]).joined(separator: ","))
    let arguments = calls.map { $0["function"]?["arguments"]?.string }
    #expect(arguments == Array(repeating: "x", count: 19) + ["xz", "y"])
  }

  @Test func aCallOfAnotherToolIsWhole() throws {
    let calls = try calls(
      #"{"index":0,"id":"a","type":"custom","custom":{"name":"c","input":"on"}}"#,
      #"{"index":0,"custom":{"input":"e"}}"#)
    #expect(
      calls.map(\.text) == [#"{"id":"a","type":"custom","custom":{"name":"c","input":"one"}}"#])
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

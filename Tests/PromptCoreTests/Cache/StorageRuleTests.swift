import JSON
import PromptCore
import Testing

/// What may be kept: a whole answer to the whole question, and nothing else.
@Suite struct StorageRuleTests {
  private func refusal(_ completion: String, _ members: String = "") throws -> NotStored? {
    let rule = try StorageRule.make(members)
    return try JSONParser().withDocument(of: completion.utf8) { rule.refusal($0) }
  }

  private func choice(_ reason: String, _ message: String) -> String {
    #"{"index":0,"message":{"role":"assistant",\#(message)},"finish_reason":\#(reason)}"#
  }

  private func completion(_ choices: String..., usage: Int? = nil) -> String {
    let usage = usage.map { #","usage":{"completion_tokens":\#($0)}"# } ?? ""
    return #"{"choices":[\#(choices.joined(separator: ","))]\#(usage)}"#
  }

  private let words = #""content":"words""#

  @Test(arguments: [#""stop""#, #""tool_calls""#, #""function_call""#])
  func whatEndedByItselfIsKept(_ reason: String) throws {
    #expect(try refusal(completion(choice(reason, words))) == nil)
  }

  @Test(arguments: ["null", #""content_filter""#, #""error""#, "7"])
  func whatEndedOtherwiseIsNot(_ reason: String) throws {
    #expect(try refusal(completion(choice(reason, words))) == .finishReason)
  }

  @Test(
    arguments: [
      (#","max_tokens":5"#, 5, nil), (#","max_tokens":5"#, 4, .truncated),
      (#","max_tokens":5"#, nil, .truncated), ("", 5, .truncated),
      (#","max_completion_tokens":5,"max_tokens":9"#, 5, nil),
      (#","max_tokens":5,"n":2"#, 5, .truncated),
      (#","max_tokens":5,"max_completion_tokens":null"#, 5, nil),
    ] as [(String, Int?, NotStored?)])
  func aLengthIsWholeOnlyAtTheCallersOwnLimit(
    _ members: String, _ used: Int?, _ refused: NotStored?
  ) throws {
    let one = choice(#""length""#, words)
    let answer =
      members.contains("\"n\"") ? completion(one, one, usage: used) : completion(one, usage: used)
    #expect(try refusal(answer, members) == refused)
  }

  @Test func thereMustBeAsManyChoicesAsWereAskedFor() throws {
    let one = choice(#""stop""#, words)
    #expect(try refusal(completion(one), #","n":2"#) == .tooFewChoices)
    #expect(try refusal(completion(one, one), #","n":2"#) == nil)
    #expect(try refusal(completion()) == .tooFewChoices)
    #expect(try refusal("{}") == .tooFewChoices)
  }

  @Test(
    arguments: [
      (#""content":"""#, NotStored.empty), (#""content":null"#, .empty),
      (#""content":null,"tool_calls":[]"#, .empty),
      (#""content":"","reasoning_content":"hm""#, nil),
      (#""content":null,"tool_calls":[{"function":{"name":"f","arguments":"{}"}}]"#, nil),
      (
        #""content":null,"tool_calls":[{"function":{"name":"f","arguments":"{"}}]"#, .toolArguments
      ),
      (#""content":null,"tool_calls":[{"function":{"name":"f"}}]"#, .toolArguments),
      (#""content":null,"function_call":{"name":"f","arguments":"[]"}"#, nil),
      (#""content":null,"tool_calls":[{"type":"custom","custom":{"input":"x"}}]"#, nil),
    ] as [(String, NotStored?)])
  func thereMustBeSomethingInIt(_ message: String, _ refused: NotStored?) throws {
    #expect(try refusal(completion(choice(#""stop""#, message))) == refused)
  }

  @Test(arguments: ["json_object", "json_schema"])
  func whereJSONWasAskedForItMustBeJSON(_ type: String) throws {
    let format =
      #","response_format":{"type":"\#(type)","json_schema":{"name":"x","schema":{}}}"#
    let good = completion(choice(#""stop""#, #""content":"{\"a\":1}""#))
    let bad = completion(choice(#""stop""#, words))
    #expect(try refusal(good, format) == nil)
    #expect(try refusal(bad, format) == .notJSON)
    #expect(try refusal(bad) == nil)
  }
}

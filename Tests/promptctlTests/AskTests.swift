import ArgumentParser
import PromptProtocol
import Testing

@testable import promptctl

struct AskTests {
  private func question(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Question {
    let ask = try Ask.parse(arguments)
    let text = QuestionText.joined(words: ask.prompt, input: nil) ?? ""
    return try ask.options.question(text, streams: !ask.noStream, environment: environment)
  }

  @Test func theModelIsTheOptionsThenTheEnvironmentsThenTheUsual() throws {
    #expect(try question(["-m", "a", "hi"], environment: ["PROMPTD_MODEL": "b"]).model == "a")
    #expect(try question(["hi"], environment: ["PROMPTD_MODEL": "b"]).model == "b")
    #expect(
      try question(["hi"], environment: ["PROMPTD_MODEL": ""]).model == "deepseek/deepseek-v3")
  }

  @Test func optionsReachTheQuestion() throws {
    let asked = try question([
      "--cache", "bypass", "--priority", "high", "--seed", "3", "--temperature", "0.5",
      "--max-tokens", "9", "--system", "be brief", "--no-stream", "what", "now",
    ])
    #expect(asked.text == "what now")
    #expect(asked.cache == .bypass)
    #expect(asked.priority == .high)
    #expect(asked.seed?.text == "3")
    #expect(asked.temperature == 0.5)
    #expect(asked.maxTokens == 9)
    #expect(asked.system == "be brief")
    #expect(!asked.streams)
  }

  @Test func unknownValuesAreUsageErrors() {
    #expect(throws: (any Error).self) { try Ask.parse(["--cache", "maybe", "hi"]) }
    #expect(throws: (any Error).self) { try Ask.parse(["--priority", "extreme", "hi"]) }
  }

  @Test func nothingToAskIsAUsageError() throws {
    let error = #expect(throws: Ending.self) { try Ask.parse([]).question(input: "\n") }
    #expect(error?.code == 64)
  }
}

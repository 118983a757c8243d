import JSON
import PromptCore
import Testing

/// Splitting and assembling are each other's inverse.
@Suite struct ChunkSplitterTests {
  private func chunks(
    _ completion: String, boundaries: ChunkBoundaries? = nil, includingUsage: Bool = true
  ) throws -> [[UInt8]] {
    try JSONParser().withDocument(of: completion.utf8) {
      ChunkSplitter.chunks(of: $0, boundaries: boundaries, includingUsage: includingUsage)
    }
  }

  private func assembled(_ chunks: [[UInt8]]) throws -> ChunkAssembly {
    var assembly = ChunkAssembly()
    let parser = JSONParser()
    for chunk in chunks { try parser.withDocument(of: chunk) { assembly.add($0) } }
    return assembly
  }

  private static let head = #""id":"c","object":"chat.completion","created":5,"model":"m""#

  @Test(arguments: [
    #"{"index":0,"message":{"role":"assistant","content":"one two"},"finish_reason":"stop"}"#,
    #"{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"length"}"#,
    #"{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"x","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"y","type":"function","function":{"name":"g","arguments":""}}]},"finish_reason":"tool_calls"}"#,
    #"{"index":0,"message":{"role":"assistant","content":"x","reasoning_content":"hm"},"logprobs":{"content":[{"token":"x","logprob":-0.5}]},"finish_reason":"stop"}"#,
    #"{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":"b\"\\\n"},"finish_reason":"stop"}"#,
    #"{"index":0,"message":{"role":"assistant","content":"x","refusal":"no","parts":[{"a":1},{"a":2}],"function_call":{"name":"f","arguments":"{}"}},"stop_reason":7,"finish_reason":"stop"}"#,
    #"{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"x","type":"custom","custom":{"name":"c","input":"in"}}]},"finish_reason":"tool_calls"}"#,
  ])
  func aSplitCompletionAssemblesToItself(_ choices: String) throws {
    let text = #"{\#(Self.head),"choices":[\#(choices)],"usage":{"completion_tokens":3}}"#
    let again = try assembled(try chunks(text)).completion
    #expect(
      try JSONTree(parsing: again) == JSONTree(parsing: Array(text.utf8)),
      "\(String(decoding: again, as: UTF8.self))")
  }

  @Test func aStreamIsSplitWhereItsChunksEnded() throws {
    func chunk(_ delta: String, _ reason: String = "null") -> [UInt8] {
      let choice = #"{"index":0,"delta":{\#(delta)},"finish_reason":\#(reason)}"#
      return Array(
        (#"{"id":"c","created":5,"model":"m","object":"chat.completion.chunk","choices":"#
          + "[\(choice)]}").utf8)
    }
    let original = [
      chunk(#""role":"assistant","content":"""#), chunk(#""content":"one""#),
      chunk(#""content":" tw\u00f6""#), chunk(#""content":"!""#), chunk("", #""stop""#),
    ]
    let assembly = try assembled(original)
    let split = try chunks(
      String(decoding: assembly.completion, as: UTF8.self), boundaries: assembly.boundaries)
    #expect(try split.map(JSONTree.init(parsing:)) == original.map(JSONTree.init(parsing:)))
  }

  @Test func noChunkEndsInsideACharacter() throws {
    let boundaries = ChunkBoundaries(encoded: Array("[0,0,1,0,0,1]".utf8))
    let text = #"{"choices":[{"index":0,"message":{"content":"é!"},"finish_reason":"stop"}]}"#
    let texts = try chunks(text, boundaries: boundaries).compactMap {
      try JSONTree(parsing: $0)["choices"]?[0]?["delta"]?["content"]?.string
    }
    #expect(texts == ["", "é", "!"])
  }

  @Test func withoutBoundariesATextIsOneChunk() throws {
    let text =
      #"{"choices":[{"index":0,"message":{"content":"one two three"},"finish_reason":"stop"}]}"#
    let texts = try chunks(text).compactMap {
      try JSONTree(parsing: $0)["choices"]?[0]?["delta"]?["content"]?.string
    }
    #expect(texts == ["", "one two three"])
  }

  @Test func boundariesThatDoNotFitLoseNothing() throws {
    let text =
      #"{"choices":[{"index":0,"message":{"role":"assistant","content":"one two"},"finish_reason":"stop"}]}"#
    let numbers = "[0,0,2,5,0,1,0,1,4,0,0,0,0,0,99,0,0,99]"
    let boundaries = try #require(ChunkBoundaries(encoded: Array(numbers.utf8)))
    let split = try chunks(text, boundaries: boundaries)
    let joined = try split.compactMap {
      try JSONTree(parsing: $0)["choices"]?[0]?["delta"]?["content"]?.string
    }.joined()
    #expect(joined == "one two")
  }

  @Test func theUsageComesLastAndOnlyWhenAskedFor() throws {
    let text = #"{\#(Self.head),"choices":[],"usage":{"completion_tokens":3}}"#
    let last = try #require(try chunks(text).last)
    #expect(try JSONTree(parsing: last)["usage"]?["completion_tokens"]?.int == 3)
    #expect(try chunks(text, includingUsage: false).isEmpty)
  }
}

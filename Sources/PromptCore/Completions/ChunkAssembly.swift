package import JSON

/// Puts the chunks of a stream together into the completion that the API would have sent whole.
package struct ChunkAssembly: Sendable {
  package private(set) var boundaries = ChunkBoundaries()
  /// Members of the completion itself, from the first chunk that had them, as written.
  private var head: [(name: String, json: [UInt8])] = []
  private var choices: [Int: AssembledChoice] = [:]
  private var usage: [UInt8]?

  package init() {}

  /// More choices than the API can be asked for (`n` is at most 128) are a fault of the upstream.
  private static let choiceLimit = 128
  /// More members than any API has are passed over, so that none costs a search without end.
  static let memberLimit = 64

  /// Whether any text, tool call or finish reason has come.
  package var isEmpty: Bool { choices.isEmpty }

  /// Adds one chunk. Members of unknown kinds or impossible indexes are passed over.
  package mutating func add(_ chunk: JSONValue) {
    for (name, value) in chunk.members {
      if name.isString("choices") {
        for choice in value.elements { add(choice: choice) }
      } else if name.isString("usage") {
        if !value.isNull { usage = Array(value.raw) }
      } else if !name.isString("object"), let text = name.string,
        head.count < Self.memberLimit, !head.contains(where: { $0.name == text })
      {
        head.append((text, Array(value.raw)))
      }
    }
  }

  private mutating func add(choice: JSONValue) {
    let index = choice["index"]?.int ?? 0
    guard (0..<Self.choiceLimit).contains(index) else { return }
    choices[index, default: AssembledChoice()].add(choice, index: index, to: &boundaries)
  }

  /// The completion as far as it came, compact.
  package var completion: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      for (name, json) in head {
        writer.name(name)
        writer.raw(json)
        // The order of the API's own answers: the object's kind follows its id.
        if name == "id" { writer.member("object", "chat.completion") }
      }
      if !head.contains(where: { $0.name == "id" }) { writer.member("object", "chat.completion") }
      writer.name("choices")
      writer.array { writer in
        for index in choices.keys.sorted() { choices[index]?.write(index: index, to: &writer) }
      }
      if let usage {
        writer.name("usage")
        writer.raw(usage)
      }
    }
    return writer.bytes
  }
}

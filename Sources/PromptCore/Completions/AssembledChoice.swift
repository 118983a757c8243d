import JSON

/// One choice of a streamed answer, as far as it came.
struct AssembledChoice: Sendable {
  private var role: [UInt8]?
  private var content: [UInt8]?
  private var reasoning: [UInt8]?
  private var tools: [Int: AssembledToolCall] = [:]
  /// Members of the deltas that are not known here: the last value of each.
  private var others: [(name: String, json: [UInt8])] = []
  /// Elements of `logprobs.content`, as written.
  private var logprobs: [[UInt8]]?
  private var finishReason: [UInt8]?

  /// Parallel tool calls beyond this are a fault of the upstream.
  private static let toolLimit = 1024

  /// Adds what a chunk says of this choice and notes where its texts ended.
  mutating func add(_ choice: JSONValue, index: Int, to boundaries: inout ChunkBoundaries) {
    if let reason = choice["finish_reason"], !reason.isNull { finishReason = Array(reason.raw) }
    if let list = choice["logprobs"]?["content"], list.kind == .array {
      if logprobs == nil { logprobs = [] }
      for element in list.elements { logprobs?.append(Array(element.raw)) }
    }
    for (name, value) in choice["delta"].members {
      if name.isString("role") {
        role = Array(value.raw)
      } else if name.isString("content"), value.kind == .string {
        append(value, \.content, .content, index, &boundaries)
      } else if name.isString("reasoning_content"), value.kind == .string {
        append(value, \.reasoning, .reasoning, index, &boundaries)
      } else if name.isString("tool_calls") {
        for call in value.elements { add(call: call, index, &boundaries) }
      } else if !name.isString("content"), !name.isString("reasoning_content") {
        setOther(name.string ?? "", Array(value.raw))
      }
    }
  }

  private mutating func append(
    _ value: JSONValue, _ text: WritableKeyPath<Self, [UInt8]?>, _ field: ChunkBoundaries.Field,
    _ index: Int, _ boundaries: inout ChunkBoundaries
  ) {
    let piece = value.utf8
    // Appended in place: a long answer is many short pieces.
    if self[keyPath: text]?.append(contentsOf: piece) == nil { self[keyPath: text] = piece }
    guard !piece.isEmpty else { return }
    boundaries.pieces.append(.init(choice: index, field: field, length: piece.count))
  }

  private mutating func add(
    call: JSONValue, _ index: Int, _ boundaries: inout ChunkBoundaries
  ) {
    let place = call["index"]?.int ?? 0
    guard (0..<Self.toolLimit).contains(place) else { return }
    let length = tools[place, default: AssembledToolCall()].add(call)
    boundaries.pieces.append(.init(choice: index, field: .arguments(place), length: length))
  }

  private mutating func setOther(_ name: String, _ json: [UInt8]) {
    if let known = others.firstIndex(where: { $0.name == name }) {
      others[known].json = json
    } else if others.count < ChunkAssembly.memberLimit {
      others.append((name, json))
    }
  }

  /// Writes the choice as an element of `choices`.
  func write(index: Int, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("index", index)
      writer.name("message")
      writer.object { writeMessage(to: &$0) }
      if let logprobs {
        writer.name("logprobs")
        writer.object {
          $0.name("content")
          $0.array { for element in logprobs { $0.raw(element) } }
        }
      }
      writer.name("finish_reason")
      writer.raw(finishReason ?? Array("null".utf8))
    }
  }

  private func writeMessage(to writer: inout JSONWriter) {
    writer.name("role")
    writer.raw(role ?? Array(#""assistant""#.utf8))
    writer.name("content")
    if let content { writer.string(utf8: content) } else { writer.null() }
    if let reasoning {
      writer.name("reasoning_content")
      writer.string(utf8: reasoning)
    }
    for (name, json) in others {
      writer.name(name)
      writer.raw(json)
    }
    guard !tools.isEmpty else { return }
    writer.name("tool_calls")
    writer.array { writer in
      for place in tools.keys.sorted() { tools[place]?.write(to: &writer) }
    }
  }
}

import JSON

/// One choice of a streamed answer, as far as it came.
struct AssembledChoice: Sendable {
  private var role: [UInt8]?
  private var content: [UInt8]?
  private var reasoning: [UInt8]?
  private var tools: [Int: AssembledToolCall] = [:]
  /// The tool call that came last.
  private var lastTool: Int?
  /// Members of the deltas that are not known here.
  private var others = AssembledObject()
  /// Members of the choice beside its delta, such as `logprobs`.
  private var outer = AssembledObject()
  private var finishReason: [UInt8]?

  /// Parallel tool calls beyond this are a fault of the upstream.
  private static let toolLimit = 1024

  /// Adds what a chunk says of this choice and notes where its texts ended.
  mutating func add(_ choice: JSONValue, index: Int, to boundaries: inout ChunkBoundaries) {
    for (name, value) in choice.members where !value.isNull {
      if name.isString("finish_reason") {
        finishReason = Array(value.raw)
      } else if !name.isString("index"), !name.isString("delta") {
        outer.add(name.string ?? "", value)
      }
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
        others.add(name.string ?? "", value)
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
    let place = call["index"]?.int ?? placeOfCallWithoutIndex(call)
    guard (0..<Self.toolLimit).contains(place) else { return }
    lastTool = place
    let length = tools[place, default: AssembledToolCall()].add(call)
    boundaries.pieces.append(.init(choice: index, field: .arguments(place), length: length))
  }

  /// Some servers leave the index out: with an id of its own it is another call, else the last one
  /// goes on.
  private func placeOfCallWithoutIndex(_ call: JSONValue) -> Int {
    guard let lastTool else { return 0 }
    guard let id = call["id"], !id.isNull, tools[lastTool]?.isNamed(id) == false else {
      return lastTool
    }
    // The latest of that id, should there be several.
    let named = tools.lazy.filter { $0.value.isNamed(id) }.map(\.key).max()
    return named ?? (tools.keys.max() ?? 0) + 1
  }

  /// Writes the choice as an element of `choices`.
  func write(index: Int, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("index", index)
      writer.name("message")
      writer.object { writeMessage(to: &$0) }
      outer.writeMembers(to: &writer)
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
    others.writeMembers(to: &writer)
    guard !tools.isEmpty else { return }
    writer.name("tool_calls")
    writer.array { writer in
      for place in tools.keys.sorted() { tools[place]?.write(to: &writer) }
    }
  }
}

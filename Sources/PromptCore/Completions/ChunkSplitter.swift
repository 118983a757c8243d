package import JSON

/// Splits a completion into the chunks of a stream that assembles to it again: where the chunks
/// of the original ended, if it came as a stream, else one chunk a text.
package struct ChunkSplitter {
  private let head: [JSONMembers.Element]
  /// Members that only the first chunk needs: they may be long.
  private let firstHead: [JSONMembers.Element]
  private var chunks: [[UInt8]] = []

  /// The chunks of `completion`, each one compact object; the usage chunk only when asked for.
  package static func chunks(
    of completion: JSONValue, boundaries: ChunkBoundaries?, includingUsage: Bool
  ) -> [[UInt8]] {
    var splitter = Self(
      head: completion.members.filter { name, _ in
        !["object", "choices", "usage", "promptd"].contains(where: name.isString)
      })
    let choices = completion["choices"].elements
    for choice in choices { splitter.begin(choice) }
    splitter.addTexts(choices, boundaries)
    for choice in choices { splitter.end(choice) }
    if includingUsage, let usage = completion["usage"] { splitter.addUsage(usage) }
    return splitter.chunks
  }

  /// What the API says in each chunk.
  private static let repeated: [StaticString] = [
    "id", "created", "model", "system_fingerprint", "service_tier",
  ]

  private init(head: [JSONMembers.Element]) {
    self.head = head.filter { name, _ in Self.repeated.contains(where: name.isString) }
    firstHead = head
  }

  private mutating func begin(_ choice: JSONValue) {
    add(choice) { writer in
      for (name, value) in choice["message"].members {
        if name.isString("tool_calls") || name.isString("reasoning_content") { continue }
        writer.name(name.string ?? "")
        // The text follows in its own chunks; an empty one says that there is a text.
        if name.isString("content"), value.kind == .string {
          writer.string("")
        } else {
          writer.raw(value.raw)
        }
      }
    }
  }

  private mutating func addTexts(_ choices: [JSONValue], _ boundaries: ChunkBoundaries?) {
    var texts: [[(field: ChunkBoundaries.Field, text: [UInt8], sent: Int)]] = choices.map(
      Self.texts)
    var begun = Set<[Int]>()
    func send(_ splitter: inout Self, _ place: Int, _ entry: Int, _ length: Int) {
      let (field, text, sent) = texts[place][entry]
      var end = sent + min(length, text.count - sent)
      // What came from elsewhere may cut a character, and each chunk must be a text.
      while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
      texts[place][entry].sent = end
      let piece = text[sent..<end]
      let isFirst = begun.insert([place, entry]).inserted
      guard !piece.isEmpty || (isFirst && field.isArguments) else { return }
      splitter.add(choices[place]) {
        Self.writeDelta(field, piece, isFirst ? choices[place] : nil, to: &$0)
      }
    }
    for piece in boundaries?.pieces ?? [] {
      guard let place = choices.firstIndex(where: { $0["index"]?.int ?? 0 == piece.choice }),
        let entry = texts[place].firstIndex(where: { $0.field == piece.field })
      else { continue }
      send(&self, place, entry, piece.length)
    }
    for place in choices.indices {
      for entry in texts[place].indices { send(&self, place, entry, .max) }
    }
  }

  /// The texts of a choice in the order in which models speak: thoughts, words, calls.
  private static func texts(
    of choice: JSONValue
  ) -> [(field: ChunkBoundaries.Field, text: [UInt8], sent: Int)] {
    let message = choice["message"]
    var texts: [(field: ChunkBoundaries.Field, text: [UInt8], sent: Int)] = []
    if let text = message?["reasoning_content"], text.kind == .string {
      texts.append((.reasoning, text.utf8, 0))
    }
    if let text = message?["content"], text.kind == .string {
      texts.append((.content, text.utf8, 0))
    }
    for (index, call) in (message?["tool_calls"]).elements.enumerated() {
      texts.append((.arguments(index), call["function"]?["arguments"]?.utf8 ?? [], 0))
    }
    return texts
  }

  private static func writeDelta(
    _ field: ChunkBoundaries.Field, _ piece: ArraySlice<UInt8>, _ opening: JSONValue?,
    to writer: inout JSONWriter
  ) {
    switch field {
    case .content:
      writer.name("content")
      writer.string(utf8: piece)
    case .reasoning:
      writer.name("reasoning_content")
      writer.string(utf8: piece)
    case .arguments(let index):
      let calls = opening?["message"]?["tool_calls"]
      let call = calls.flatMap { Array($0.elements.dropFirst(index)).first }
      writer.name("tool_calls")
      writer.array { $0.object { writeCall(index, call, piece, to: &$0) } }
    }
  }

  private static func writeCall(
    _ index: Int, _ call: JSONValue?, _ piece: ArraySlice<UInt8>, to writer: inout JSONWriter
  ) {
    writer.member("index", index)
    for (name, value) in call.members
    where !name.isString("function") && !name.isString("index") {
      writer.name(name.string ?? "")
      writer.raw(value.raw)
    }
    // There are tools that are no functions.
    if let call, call["function"] == nil { return }
    writer.name("function")
    writer.object {
      if let name = call?["function"]?["name"] {
        $0.name("name")
        $0.raw(name.raw)
      }
      $0.name("arguments")
      $0.string(utf8: piece)
    }
  }

  private mutating func end(_ choice: JSONValue) {
    add(choice, ending: true) { _ in }
  }

  private mutating func add(
    _ choice: JSONValue, ending: Bool = false, _ delta: (inout JSONWriter) -> Void
  ) {
    addChunk { writer in
      writer.object { writer in
        writer.member("index", choice["index"]?.int ?? 0)
        writer.name("delta")
        writer.object(delta)
        if ending { Self.writeOuter(choice, to: &writer) }
        writer.name("finish_reason")
        if ending, let reason = choice["finish_reason"] {
          writer.raw(reason.raw)
        } else {
          writer.null()
        }
      }
    }
  }

  /// What stands beside the message, such as `logprobs`.
  private static func writeOuter(_ choice: JSONValue, to writer: inout JSONWriter) {
    for (name, value) in choice.members where !value.isNull {
      if ["index", "message", "finish_reason"].contains(where: name.isString) { continue }
      writer.name(name.string ?? "")
      writer.raw(value.raw)
    }
  }

  private mutating func addUsage(_ usage: JSONValue) {
    addChunk(usage: usage) { _ in }
  }

  private mutating func addChunk(usage: JSONValue? = nil, _ choices: (inout JSONWriter) -> Void) {
    var writer = JSONWriter()
    writer.object { writer in
      for (name, value) in chunks.isEmpty ? firstHead : head {
        writer.name(name.string ?? "")
        writer.raw(value.raw)
      }
      writer.member("object", "chat.completion.chunk")
      writer.name("choices")
      writer.array(choices)
      if let usage {
        writer.name("usage")
        writer.raw(usage.raw)
      }
    }
    chunks.append(writer.bytes)
  }
}

extension ChunkBoundaries.Field {
  fileprivate var isArguments: Bool {
    switch self {
    case .arguments: true
    case .content, .reasoning: false
    }
  }
}

import JSON
import PromptProtocol

/// A streamed answer as far as it has come.
struct StreamedAnswer: Sendable {
  private var events = EventStreamParser()
  private(set) var assembly = ChunkAssembly()
  /// The upstream has said that the stream is whole.
  private(set) var isDone = false
  /// What is wrong with it.
  private(set) var fault: CallFault?
  /// The chunk with which a choice ends. It waits until something follows, for a stream that dies
  /// must not look finished.
  private var held: [UInt8]?

  /// Takes the next bytes and returns the chunks that are certain now, as written.
  mutating func add(
    _ bytes: [UInt8], _ faults: UpstreamFaults, _ parser: JSONParser
  ) -> [AnswerChunk] {
    var chunks: [AnswerChunk] = []
    for data in events.add(bytes) where !isDone && fault == nil {
      chunks += take(data, faults, parser)
    }
    return chunks
  }

  /// Takes the end of the response. Some servers leave out the line break that would end the last
  /// event.
  mutating func end(_ faults: UpstreamFaults, _ parser: JSONParser) -> [AnswerChunk] {
    guard !isDone, fault == nil, let last = events.unfinished, Self.isEnd(last) else { return [] }
    return take(last, faults, parser)
  }

  private mutating func take(
    _ data: [UInt8], _ faults: UpstreamFaults, _ parser: JSONParser
  ) -> [AnswerChunk] {
    var chunks: [AnswerChunk] = []
    do throws(CallFault) {
      if let last = held {
        // What follows must be sound before that is let go.
        if !Self.isEnd(data) { try Self.look(data, faults, isFirst: false, parser) { _ in } }
        held = nil
        try Self.look(last, faults, isFirst: false, parser) { chunks.append(add($0)) }
      }
      if Self.isEnd(data) {
        isDone = true
        return chunks
      }
      try Self.look(data, faults, isFirst: assembly.isEmpty, parser) { chunk in
        if Self.endsChoice(chunk) { held = data } else { chunks.append(add(chunk)) }
      }
    } catch {
      fault = error
    }
    return chunks
  }

  /// Whether an event says that the stream is whole.
  private static func isEnd(_ data: [UInt8]) -> Bool {
    data.starts(with: "[DONE]".utf8) && data.dropFirst(6).allSatisfy { $0 == UInt8(ascii: " ") }
  }

  private static func endsChoice(_ chunk: JSONValue) -> Bool {
    chunk["choices"].elements.contains { $0["finish_reason"]?.isNull == false }
  }

  private mutating func add(_ chunk: JSONValue) -> AnswerChunk {
    assembly.add(chunk)
    return AnswerChunk(
      json: CompactJSON.bytes(chunk),
      isUsageOnly: chunk["choices"].elements.isEmpty && chunk["usage"]?.kind == .object,
      mayBeLast: Self.endsChoice(chunk))
  }

  /// Lends the chunk that an event holds; throws where it holds something else.
  private static func look(
    _ data: [UInt8], _ faults: UpstreamFaults, isFirst: Bool, _ parser: JSONParser,
    _ body: (JSONValue) -> Void
  ) throws(CallFault) {
    var refusal: CallFault?
    do {
      try parser.withDocument(of: data) { chunk in
        if let error = chunk["error"], !error.isNull {
          refusal = CallFault(
            isFirst ? kind(ofFirst: error) : .strange,
            faults.error(
              "the upstream sent an error inside its stream", body: CompactJSON.bytes(error)))
        } else if chunk["choices"]?.kind == .array {
          body(chunk)
        } else {
          throw JSONError("has no choices")
        }
      }
    } catch {
      refusal = CallFault(
        .strange, faults.error("the upstream's stream held a chunk that is no completion chunk"))
    }
    if let refusal { throw refusal }
  }

  /// What an error means with which a stream begins: its code, where it is a status, is what the
  /// upstream would have said had it not said 200 already.
  private static func kind(ofFirst error: JSONValue) -> CallFault.Kind {
    let code = error["code"].flatMap { $0.int ?? $0.string.flatMap(Int.init) }
    return code.flatMap { (400...599).contains($0) ? .status($0) : nil } ?? .strange
  }
}

package import JSON
package import PromptProtocol

/// Makes an answer of what one call brings: whole or streamed, good or bad.
///
/// It goes from waiting for a head to reading a body of one of three kinds, and has nothing more
/// to say once it was told the end.
package struct AnswerReader {
  /// What a call was for.
  package struct Expectation: Equatable, Sendable {
    package var streams: Bool
    package var storage: StorageRule
    /// Redacts the upstream's key where the upstream echoes it.
    package var key: APIKey?

    package init(streams: Bool, storage: StorageRule, key: APIKey?) {
      self.streams = streams
      self.storage = storage
      self.key = key
    }
  }

  private enum Body {
    case none
    /// A completion in one piece.
    case whole([UInt8])
    case stream(EventStreamParser, ChunkAssembly, done: Bool)
    /// The body of a status other than 200; only the beginning is kept.
    case refusal([UInt8])
  }

  private let expectation: Expectation
  private var faults: UpstreamFaults
  private var body = Body.none
  private var fault: CallFault?

  package init(_ expectation: Expectation) {
    self.expectation = expectation
    faults = UpstreamFaults(key: expectation.key)
  }

  /// Takes the status and the content type of the response, and in how many seconds it wants to be
  /// asked again.
  package mutating func responded(
    status: Int, contentType: String?, retryAfter: Double? = nil
  ) {
    faults.status = status
    faults.retryAfter = retryAfter
    let type = contentType?.prefix { $0 != ";" && $0 != " " && $0 != "\t" }.lowercased()
    if status != 200 {
      body = .refusal([])
    } else if type == "text/event-stream" {
      body = .stream(EventStreamParser(), ChunkAssembly(), done: false)
    } else {
      body = .whole([])
    }
  }

  /// Takes the next bytes of the body and returns the chunks that they complete, as written.
  package mutating func received(_ bytes: [UInt8], parser: JSONParser) -> [AnswerChunk] {
    switch body {
    case .none: return []
    case .whole(var all):
      body = .none  // so that appending copies nothing
      all += bytes
      body = .whole(all)
      return []
    case .refusal(let all):
      body = .refusal(all + bytes.prefix(max(0, UpstreamFaults.bodyLimit - all.count)))
      return []
    case .stream(var events, var assembly, var done):
      body = .none
      var chunks: [AnswerChunk] = []
      for data in events.add(bytes) where !done && fault == nil {
        if Self.isEnd(data) {
          done = true
        } else if let chunk = read(data, into: &assembly, parser) {
          chunks.append(chunk)
        }
      }
      body = .stream(events, assembly, done: done)
      return chunks
    }
  }

  /// Whether an event says that the stream is whole.
  private static func isEnd(_ data: [UInt8]) -> Bool {
    data.starts(with: "[DONE]".utf8) && data.dropFirst(6).allSatisfy { $0 == UInt8(ascii: " ") }
  }

  private mutating func read(
    _ data: [UInt8], into assembly: inout ChunkAssembly, _ parser: JSONParser
  ) -> AnswerChunk? {
    do {
      return try parser.withDocument(of: data) { chunk in
        if let error = chunk["error"], !error.isNull {
          fault = CallFault(
            assembly.isEmpty ? Self.kind(ofFirst: error) : .strange,
            faults.error(
              "the upstream sent an error inside its stream", body: CompactJSON.bytes(error)))
          return nil
        }
        guard chunk["choices"]?.kind == .array else {
          throw JSONError("has no choices")
        }
        assembly.add(chunk)
        let choices = chunk["choices"].elements
        return AnswerChunk(
          json: CompactJSON.bytes(chunk),
          isUsageOnly: choices.isEmpty && chunk["usage"]?.kind == .object,
          mayBeLast: choices.contains { $0["finish_reason"]?.isNull == false })
      }
    } catch {
      fault = CallFault(
        .strange, faults.error("the upstream's stream held a chunk that is no completion chunk"))
      return nil
    }
  }

  /// What an error means with which a stream begins: its code, where it is a status, is what the
  /// upstream would have said had it not said 200 already.
  private static func kind(ofFirst error: JSONValue) -> CallFault.Kind {
    let code = error["code"].flatMap { $0.int ?? $0.string.flatMap(Int.init) }
    return code.flatMap { (400...599).contains($0) ? .status($0) : nil } ?? .strange
  }

  /// Takes the end and gives the outcome; `failure` is the transport's own, nil when the response
  /// came whole.
  package func ended(failure: CallFault?, parser: JSONParser) -> AnswerOutcome {
    switch body {
    case .none:
      return .failed(
        failure.map(Self.unstreamed)
          ?? CallFault(.reset, faults.error("the upstream closed without an answer")))
    case .refusal(let bytes):
      return .failed(CallFault(.status(faults.status), faults.refusal(bytes, parser)))
    case .whole(let bytes):
      if let failure { return .failed(Self.unstreamed(failure)) }
      return completion(bytes, boundaries: nil, isDone: true, parser)
    case .stream(let events, let assembly, let isDone):
      // Some servers leave out the line break that would end the last event.
      let done = isDone || events.unfinished.map(Self.isEnd) == true
      // What happens to the connection after [DONE] takes nothing from the answer.
      if let failure = fault ?? (done ? nil : failure) {
        return .failed(assembly.isEmpty ? failure : interrupted(failure, assembly))
      }
      if !done, assembly.isEmpty {
        return .failed(CallFault(.strange, faults.error("the upstream's stream was empty")))
      }
      if !done { return .failed(interrupted(nil, assembly)) }
      return completion(
        assembly.completion, boundaries: assembly.boundaries, isDone: done, parser)
    }
  }

  private func completion(
    _ bytes: [UInt8], boundaries: ChunkBoundaries?, isDone: Bool, _ parser: JSONParser
  ) -> AnswerOutcome {
    do {
      return try parser.withDocument(of: bytes) { root in
        if let error = root["error"], !error.isNull {
          return .failed(
            CallFault(
              .strange, faults.error("the upstream sent an error", body: CompactJSON.bytes(error))))
        }
        let choices = root["choices"].elements
        guard !choices.isEmpty, choices.allSatisfy({ $0.kind == .object }) else {
          return .failed(CallFault(.strange, faults.strange(bytes)))
        }
        let compact = CompactJSON.completion(root)
        let usage = root["usage"]
        return .completed(
          CompletedAnswer(
            completion: compact, boundaries: boundaries,
            tokens: TokenCount(
              prompt: usage?["prompt_tokens"]?.int ?? 0,
              completion: usage?["completion_tokens"]?.int ?? 0),
            refusal: isDone ? expectation.storage.refusal(root) : .notDone,
            isMadeUp: root["system_fingerprint"]?.isString("sandbox") == true))
      }
    } catch {
      return .failed(CallFault(.strange, faults.strange(bytes)))
    }
  }

  /// A failure that interrupts no stream: there is no part of an answer that was to come whole, or
  /// of which not even the head has come.
  private static func unstreamed(_ failure: CallFault) -> CallFault {
    var failure = failure
    if failure.error.name == .streamInterrupted { failure.error.name = .upstreamUnreachable }
    return failure
  }

  private func interrupted(_ cause: CallFault?, _ assembly: ChunkAssembly) -> CallFault {
    let reason = cause.map(\.error.message) ?? "the upstream ended it without [DONE]"
    var error = WireError(.streamInterrupted, "the stream died half-way: \(reason)")
    error.info.partial = assembly.completion
    error.info.body = cause?.error.info.body
    error.info.status = faults.status
    return CallFault(cause?.kind ?? .cut, error)
  }
}

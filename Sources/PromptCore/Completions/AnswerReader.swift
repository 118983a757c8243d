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
    case stream(StreamedAnswer)
    /// The body of a status other than 200; only the beginning is kept.
    case refusal([UInt8])
  }

  private let expectation: Expectation
  private var faults: UpstreamFaults
  private var body = Body.none

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
      body = .stream(StreamedAnswer())
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
    case .stream(var stream):
      body = .none
      defer { body = .stream(stream) }
      return stream.add(bytes, faults, parser)
    }
  }

  /// Takes the end of the response, before `ended`, and returns the chunks that it makes certain.
  package mutating func finish(parser: JSONParser) -> [AnswerChunk] {
    guard case .stream(var stream) = body else { return [] }
    body = .none
    defer { body = .stream(stream) }
    return stream.end(faults, parser)
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
      return completion(bytes, boundaries: nil, parser)
    case .stream(let stream):
      return ended(stream, failure, parser)
    }
  }

  private func ended(
    _ stream: StreamedAnswer, _ failure: CallFault?, _ parser: JSONParser
  ) -> AnswerOutcome {
    let assembly = stream.assembly
    // What happens to the connection after [DONE] takes nothing from the answer.
    if let failure = stream.fault ?? (stream.isDone ? nil : failure) {
      return .failed(assembly.isEmpty ? failure : interrupted(failure, assembly))
    }
    if stream.isDone {
      return completion(
        assembly.completion, boundaries: assembly.boundaries, parser)
    }
    if assembly.isEmpty {
      return .failed(CallFault(.strange, faults.error("the upstream's stream was empty")))
    }
    return .failed(interrupted(nil, assembly))
  }

  private func completion(
    _ bytes: [UInt8], boundaries: ChunkBoundaries?, _ parser: JSONParser
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
            refusal: expectation.storage.refusal(root),
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
    let partial = assembly.completion
    error.info.partial = expectation.key?.redact(partial) ?? partial
    error.info.body = cause?.error.info.body
    error.info.status = faults.status
    return CallFault(cause?.kind ?? .cut, error)
  }
}

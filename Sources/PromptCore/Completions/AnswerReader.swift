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
  private var status = 0
  /// Seconds after which the upstream wants to be asked again.
  private var retryAfter: Double?
  private var body = Body.none
  private var fault: WireError?

  /// How much of an upstream's error is passed on.
  private static let refusalLimit = 64 << 10
  /// How much of an answer that is no completion is shown (2 KiB).
  private static let strangeLimit = 2 << 10

  package init(_ expectation: Expectation) { self.expectation = expectation }

  /// Takes the status and the content type of the response, and in how many seconds it wants to be
  /// asked again.
  package mutating func responded(
    status: Int, contentType: String?, retryAfter: Double? = nil
  ) {
    self.status = status
    self.retryAfter = retryAfter
    let type = contentType?.prefix { $0 != ";" }.lowercased()
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
      body = .refusal(all + bytes.prefix(max(0, Self.refusalLimit - all.count)))
      return []
    case .stream(var events, var assembly, var done):
      body = .none
      var chunks: [AnswerChunk] = []
      for data in events.add(bytes) where !done && fault == nil {
        if data.elementsEqual("[DONE]".utf8) {
          done = true
        } else if let chunk = read(data, into: &assembly, parser) {
          chunks.append(chunk)
        }
      }
      body = .stream(events, assembly, done: done)
      return chunks
    }
  }

  private mutating func read(
    _ data: [UInt8], into assembly: inout ChunkAssembly, _ parser: JSONParser
  ) -> AnswerChunk? {
    do {
      return try parser.withDocument(of: data) { chunk in
        if let error = chunk["error"], !error.isNull {
          fault = upstreamError(
            "the upstream sent an error inside its stream", body: Self.compact(error))
          return nil
        }
        guard chunk["choices"]?.kind == .array else {
          throw JSONError("has no choices")
        }
        assembly.add(chunk)
        let isUsage = chunk["usage"]?.kind == .object && chunk["choices"].elements.isEmpty
        return AnswerChunk(json: Self.compact(chunk), isUsageOnly: isUsage)
      }
    } catch {
      fault = upstreamError("the upstream's stream held a chunk that is no completion chunk")
      return nil
    }
  }

  /// The completion as it is stored: the member `promptd` is ours to add, so an upstream's own
  /// (another promptd's) goes.
  private static func completionBytes(_ root: JSONValue) -> [UInt8] {
    guard root["promptd"] != nil else { return compact(root) }
    let bytes = JSONSplice.edit(root, removing: { $0.isString("promptd") }, adding: [])
    return bytes.filter { $0 != 0x0A && $0 != 0x0D }
  }

  /// Everything goes out as one line: line breaks between members must not.
  private static func compact(_ value: JSONValue) -> [UInt8] {
    let raw = Array(value.raw)
    guard raw.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return raw }
    return Array(JSONTree(value).text.utf8)
  }

  /// Takes the end and gives the outcome; `failure` is the transport's own, nil when the response
  /// came whole.
  package func ended(failure: WireError?, parser: JSONParser) -> AnswerOutcome {
    switch body {
    case .none:
      return .failed(failure ?? upstreamError("the upstream closed without an answer"))
    case .refusal(let bytes):
      return .failed(refusal(bytes, parser))
    case .whole(let bytes):
      if let failure { return .failed(failure) }
      return completion(bytes, boundaries: nil, isDone: true, parser)
    case .stream(_, let assembly, let done):
      // What happens to the connection after [DONE] takes nothing from the answer.
      if let failure = fault ?? (done ? nil : failure) {
        return .failed(assembly.isEmpty ? failure : interrupted(failure, assembly))
      }
      if !done, assembly.isEmpty {
        return .failed(upstreamError("the upstream's stream was empty"))
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
          return .failed(upstreamError("the upstream sent an error", body: Self.compact(error)))
        }
        guard !root["choices"].elements.isEmpty else { return .failed(strange(bytes)) }
        let compact = Self.completionBytes(root)
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
      return .failed(strange(bytes))
    }
  }

  private func strange(_ bytes: [UInt8]) -> WireError {
    upstreamError("the upstream's answer is no completion", body: beginning(of: bytes))
  }

  private func refusal(_ bytes: [UInt8], _ parser: JSONParser) -> WireError {
    let sentence = "the upstream refused with status \(status)"
    do {
      return try parser.withDocument(of: bytes) { root in
        upstreamError(sentence, body: Self.compact(root["error"] ?? root))
      }
    } catch {
      return bytes.isEmpty
        ? upstreamError(sentence) : upstreamError(sentence, body: beginning(of: bytes))
    }
  }

  /// The beginning of something that is no JSON, as a JSON string.
  private func beginning(of bytes: [UInt8]) -> [UInt8] {
    // A key that stands across the cut is seen whole before that.
    let keyLength = expectation.key?.withSecret(\.utf8.count) ?? 0
    let shown = redacted(Array(bytes.prefix(Self.strangeLimit + keyLength)))
    var writer = JSONWriter()
    writer.string(String(decoding: shown.prefix(Self.strangeLimit), as: UTF8.self))
    return writer.bytes
  }

  private func interrupted(_ cause: WireError?, _ assembly: ChunkAssembly) -> WireError {
    let reason = cause.map(\.message) ?? "the upstream ended it without [DONE]"
    var error = WireError(.streamInterrupted, "the stream died half-way: \(reason)")
    error.info.partial = assembly.completion
    error.info.body = cause?.info.body
    error.info.status = status
    return error
  }

  private func upstreamError(_ message: String, body: [UInt8]? = nil) -> WireError {
    var error = WireError(.upstreamError, message)
    error.info.status = status
    error.info.retryAfter = retryAfter
    error.info.body = body.map { $0.count > Self.refusalLimit ? beginning(of: $0) : redacted($0) }
    return error
  }

  /// The bytes without the key: some servers echo it in their complaints.
  private func redacted(_ bytes: [UInt8]) -> [UInt8] {
    expectation.key?.redact(bytes) ?? bytes
  }
}

import JSON

/// The sandbox's answer to a question: a pure function of the question, whole or in chunks.
struct MadeUpAnswer: Sendable {
  private let question: ChatQuestion
  private let choices: [AnswerChoice]

  /// 2025-01-01T00:00:00Z in seconds; `created` lies within the year from here, by the body's
  /// hash, for a clock would make two answers of one.
  static let firstSecond = 1_735_689_600
  private static let secondsOfYear: UInt64 = 31_536_000

  /// Makes the answer.
  init(to question: ChatQuestion) {
    self.question = question
    let whole = (0..<question.count).map { AnswerChoice(to: question, index: $0) }
    choices =
      if case .flawed(let flaw) = question.behaviour.kind { flaw.spoil(whole) } else { whole }
  }

  /// How many tokens all choices are.
  var completionTokens: Int { choices.reduce(0) { $0 + $1.tokens } }

  /// The completion as one compact object.
  var completion: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writeHead("chat.completion", to: &writer)
      writer.name("choices")
      writer.array { for choice in choices { write(choice, to: &$0) } }
      writeUsage(to: &writer)
    }
    return writer.bytes
  }

  /// The chunks of the completion, each one compact object: the choices take turns, and the usage
  /// comes last if it is asked for.
  var chunks: [[UInt8]] {
    let sequences = choices.map(chunks)
    var all: [[UInt8]] = []
    for turn in 0..<(sequences.map(\.count).max() ?? 0) {
      for sequence in sequences where turn < sequence.count { all.append(sequence[turn]) }
    }
    if question.includesUsage {
      all.append(chunk(hasUsage: true) { _ in })
    }
    return all
  }

  // MARK: Parts of both

  private func writeHead(_ object: StaticString, to writer: inout JSONWriter) {
    let second = Int(question.fingerprint % Self.secondsOfYear)
    writer.member("id", "chatcmpl-\(Fingerprint.hex(question.fingerprint))")
    writer.member("object", "\(object)")
    writer.member("created", Self.firstSecond + second)
    writer.member("model", question.model)
    writer.member("system_fingerprint", "sandbox")
  }

  private func writeUsage(to writer: inout JSONWriter) {
    writer.name("usage")
    writer.object {
      $0.member("prompt_tokens", question.promptTokens)
      $0.member("completion_tokens", completionTokens)
      $0.member("total_tokens", question.promptTokens + completionTokens)
    }
  }

  private func writeLogprobs(of tokens: [String], to writer: inout JSONWriter) {
    guard let alternatives = question.topLogprobs, !tokens.isEmpty else { return }
    writer.name("logprobs")
    writer.object {
      $0.name("content")
      $0.array {
        for token in tokens { TokenLogprob.write(token, alternatives: alternatives, to: &$0) }
      }
    }
  }

  // MARK: Whole

  private func write(_ choice: AnswerChoice, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("index", choice.index)
      writer.name("message")
      writer.object { writeMessage(choice, to: &$0) }
      writeLogprobs(of: choice.content ?? [], to: &writer)
      writer.member("finish_reason", choice.finishReason)
    }
  }

  private func writeMessage(_ choice: AnswerChoice, to writer: inout JSONWriter) {
    writer.member("role", "assistant")
    writer.name("content")
    if let content = choice.content { writer.string(content.joined()) } else { writer.null() }
    if let reasoning = choice.reasoning {
      writer.member("reasoning_content", reasoning.joined())
    }
    guard let call = choice.call else { return }
    writer.name("tool_calls")
    writer.array {
      $0.object { writer in
        writer.member("id", call.id)
        writer.member("type", "function")
        writer.name("function")
        writer.object {
          $0.member("name", call.name)
          $0.member("arguments", call.arguments.joined())
        }
      }
    }
  }

  // MARK: In chunks

  private func chunks(of choice: AnswerChoice) -> [[UInt8]] {
    var all = [
      delta(of: choice) {
        $0.member("role", "assistant")
        $0.name("content")
        if choice.content != nil { $0.string("") } else { $0.null() }
      }
    ]
    all += (choice.reasoning ?? []).map { piece in
      delta(of: choice) { $0.member("reasoning_content", piece) }
    }
    if let call = choice.call {
      all.append(delta(of: choice) { Self.write("", of: call, isFirst: true, to: &$0) })
      all += call.arguments.map { piece in
        delta(of: choice) { Self.write(piece, of: call, isFirst: false, to: &$0) }
      }
    }
    all += (choice.content ?? []).map { piece in
      delta(of: choice, token: piece) { $0.member("content", piece) }
    }
    all.append(delta(of: choice, isLast: true) { _ in })
    return all
  }

  private static func write(
    _ arguments: String, of call: AnswerChoice.Call, isFirst: Bool, to writer: inout JSONWriter
  ) {
    writer.name("tool_calls")
    writer.array {
      $0.object { writer in
        writer.member("index", 0)
        if isFirst {
          writer.member("id", call.id)
          writer.member("type", "function")
        }
        writer.name("function")
        writer.object {
          if isFirst { $0.member("name", call.name) }
          $0.member("arguments", arguments)
        }
      }
    }
  }

  private func delta(
    of choice: AnswerChoice, token: String? = nil, isLast: Bool = false,
    _ body: (inout JSONWriter) -> Void
  ) -> [UInt8] {
    chunk { writer in
      writer.object { writer in
        writer.member("index", choice.index)
        writer.name("delta")
        writer.object(body)
        writeLogprobs(of: token.map { [$0] } ?? [], to: &writer)
        writer.name("finish_reason")
        if isLast { writer.string(choice.finishReason) } else { writer.null() }
      }
    }
  }

  private func chunk(
    hasUsage: Bool = false, _ choices: (inout JSONWriter) -> Void
  ) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writeHead("chat.completion.chunk", to: &writer)
      writer.name("choices")
      writer.array(choices)
      if hasUsage { writeUsage(to: &writer) }
    }
    return writer.bytes
  }
}

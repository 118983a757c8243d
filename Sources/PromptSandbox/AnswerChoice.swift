import JSON

/// One choice of an answer, in the pieces in which it is streamed.
struct AnswerChoice: Equatable, Sendable {
  /// A call of a function.
  struct Call: Equatable, Sendable {
    var id: String
    var name: String
    /// The JSON text of the arguments.
    var arguments: [String]
  }

  var index: Int
  /// Nil when nobody asked for it.
  var reasoning: [String]?
  /// Nil beside a call.
  var content: [String]?
  var call: Call?
  /// `stop`, `length` or `tool_calls`.
  var finishReason: String

  /// The longest token, in bytes of UTF-8; those of a huge text are long to be few.
  private static let longestToken = 16
  private static let longestHugeToken = 4096

  /// The answer to a question, as one of its choices.
  init(to question: ChatQuestion, index: Int) {
    self.index = index
    var budget = question.maxTokens ?? .max
    func take(_ text: String, longest: Int = Self.longestToken) -> [String] {
      let pieces = TextPieces.split(text, longest: longest)
      defer { budget -= min(budget, pieces.count) }
      finishReason = pieces.count > budget ? "length" : finishReason
      return Array(pieces.prefix(budget))
    }
    finishReason = question.function == nil ? "stop" : "tool_calls"
    if question.wantsReasoning {
      reasoning = take("The answer is what the last message of the user says.")
    }
    if let function = question.function {
      let id = "call_\(Fingerprint.hex(question.fingerprint &+ UInt64(index)))"
      let arguments = take(SchemaExample.value(of: function.parameters).text)
      call = Call(id: id, name: function.name, arguments: arguments)
    } else if case .huge(let bytes) = question.behaviour.kind {
      let text = Self.hugeText(bytes)
      content = take(
        TextPieces.cut(text, after: question.stops), longest: Self.longestHugeToken)
    } else {
      content = take(TextPieces.cut(Self.text(question, index), after: question.stops))
    }
  }

  /// How many tokens the choice is: what `usage` counts and `max_tokens` bounds.
  var tokens: Int {
    (reasoning?.count ?? 0) + (content?.count ?? 0) + (call?.arguments.count ?? 0)
  }

  /// The words: JSON if that is asked for, else the user's own, numbered from the second on.
  private static func text(_ question: ChatQuestion, _ index: Int) -> String {
    if let schema = question.schema { return SchemaExample.value(of: schema).text }
    let words = index == 0 ? question.text : "\(question.text) (\(index + 1))"
    guard question.wantsObject else { return words }
    return JSONTree.object([.init("answer", .string(words))]).text
  }

  private static func hugeText(_ bytes: Int) -> String {
    let line = "0123456789abcdef"
    let whole = String(repeating: line, count: bytes / line.utf8.count)
    return whole + line.prefix(bytes % line.utf8.count)
  }
}

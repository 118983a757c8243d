/// What can be wrong with an answer that comes with status 200.
enum Flaw: String, CaseIterable, Sendable {
  /// Ends with `length` below the limit that was asked for.
  case short
  /// Ends with `content_filter`.
  case filtered
  case empty
  /// Has one choice less than was asked for.
  case few
  /// Is no JSON, whatever was asked for.
  case prose
  /// Calls a function with half of its arguments.
  case arguments
  /// Is a stream without `[DONE]`.
  case undone

  /// The choices with the flaw.
  func spoil(_ choices: [AnswerChoice]) -> [AnswerChoice] {
    if self == .few { return Array(choices.dropLast()) }
    return choices.map { choice in
      var choice = choice
      switch self {
      case .short:
        choice.content = choice.content.map { Array($0.prefix(1)) }
        choice.finishReason = "length"
      case .filtered: choice.finishReason = "content_filter"
      case .empty:
        choice.content = []
        choice.reasoning = nil
      case .prose: choice.content = ["this", " is", " no JSON"]
      case .arguments: choice.call?.arguments.removeLast()
      case .few, .undone: break
      }
      return choice
    }
  }
}

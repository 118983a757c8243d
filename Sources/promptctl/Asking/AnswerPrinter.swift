import JSON
import PromptClient

/// Prints an answer as it arrives.
struct AnswerPrinter {
  let output: StandardStream
  /// The last byte that was printed was no line break.
  private var isMidLine = false
  private var hasPrinted = false

  init(output: StandardStream) { self.output = output }

  /// Prints the words of a chat up to its end and returns the completion. An answer that breaks off
  /// still ends its line, so that the error stands on its own.
  mutating func print(_ chat: Chat) async throws -> JSONTree {
    do {
      for try await event in chat {
        switch event {
        case .chunk(let bytes): try say(AnswerText.added(by: Self.parse(bytes)))
        case .event: break
        case .result(let bytes): return try finish(Self.parse(bytes))
        }
      }
    } catch let error as ClientError {
      try endLine()
      throw error
    }
    try endLine()
    throw CancellationError()
  }

  private mutating func finish(_ completion: JSONTree) throws -> JSONTree {
    let text = AnswerText.whole(completion)
    if !hasPrinted, let text { try say(text) }
    try endLine()
    guard text != nil || hasPrinted else {
      throw Ending(code: 65, message: "the answer holds no text: look at it with --json")
    }
    return completion
  }

  private mutating func say(_ text: String) throws {
    guard let last = text.last else { return }
    try output.write(text)
    isMidLine = !last.isNewline
    hasPrinted = true
  }

  private mutating func endLine() throws {
    if isMidLine { try output.write("\n") }
    isMidLine = false
  }

  private static func parse(_ bytes: [UInt8]) throws -> JSONTree {
    do {
      return try JSONTree(parsing: bytes)
    } catch {
      throw ClientError.notPromptd(reason: "an answer cannot be read")
    }
  }
}

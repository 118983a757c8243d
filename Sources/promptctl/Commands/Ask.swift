import ArgumentParser
import JSON
import PromptClient
import PromptProtocol

/// `promptctl ask`
struct Ask: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask a question and print the answer as it arrives.",
    discussion: """
      The text is that of the arguments, of standard input unless it is a terminal, or both, the \
      arguments first. The model is that of -m, else of $PROMPTD_MODEL, else \
      \(AskOptions.usualModel). Ctrl-C cancels the request.

      Examples:
        promptctl ask Why is the sky blue?
        git diff | promptctl ask --seed 7 -m deepseek/deepseek-v3 Review this
      """)

  @Argument(help: "The question.")
  var prompt: [String] = []

  @OptionGroup var options: AskOptions
  @OptionGroup var socket: SocketOptions

  @Flag(name: .long, help: "Print the whole completion as one line of JSON.")
  var json = false

  @Flag(name: .long, help: "Print the answer when it is whole.")
  var noStream = false

  @Flag(name: .shortAndLong, help: "Say nothing on standard error but errors.")
  var quiet = false

  func run() async throws {
    let question = try question(input: InputFile.standardInput(limit: AskOptions.textLimit))
    let began = ContinuousClock.now
    let completion = try await PromptClient.withConnection(to: socket.path) { client in
      try await Self.answer(to: question.body, from: client, json: json)
    }
    if !quiet, StandardStream.error.isTerminal {
      try StandardStream.error.writeLine(AnswerSummary.line(completion, time: .now - began))
    }
  }

  /// The question that the command line and the piped text make.
  func question(input: String?) throws -> Question {
    let text = QuestionText.joined(words: prompt, input: input)
    guard text != nil || !options.image.isEmpty else {
      throw Ending(
        code: 64, message: "nothing to ask: give the question as an argument, or pipe it in")
    }
    return try options.question(
      text ?? "", streams: !json && !noStream, environment: ProcessEnvironment.variables)
  }

  /// Asks and prints; Ctrl-C cancels the request at the daemon and ends with 130, whether the
  /// reader or the one who cancels hears of it first.
  private static func answer(
    to body: [UInt8], from client: PromptClient, json: Bool
  ) async throws -> JSONTree {
    let chat = try client.chat(body)
    do {
      return try await withThrowingTaskGroup(of: JSONTree.self) { group in
        group.addTask { try await read(chat, json: json) }
        group.addTask {
          for await _ in InterruptSignal.events() { try await takeBack(chat, at: client) }
          throw CancellationError()
        }
        defer { group.cancelAll() }
        guard let completion = try await group.next() else { throw CancellationError() }
        return completion
      }
    } catch  where InterruptSignal.hasFired {
      throw Ending.interrupted
    }
  }

  private static func read(_ chat: Chat, json: Bool) async throws -> JSONTree {
    guard json else {
      var printer = AnswerPrinter(output: .output)
      return try await printer.print(chat)
    }
    for try await event in chat {
      guard case .result(let bytes) = event else { continue }
      try StandardStream.output.writeLine(String(decoding: bytes, as: UTF8.self))
      return try JSONTree(parsing: bytes)
    }
    throw CancellationError()
  }

  /// Ends with 130 once the daemon knows, or is gone: then the request is cancelled anyway.
  private static func takeBack(_ chat: Chat, at client: PromptClient) async throws {
    do {
      _ = try await client.cancel(chat.id, within: .seconds(2))
    } catch is ClientError {
      throw Ending.interrupted
    }
    throw Ending.interrupted
  }
}

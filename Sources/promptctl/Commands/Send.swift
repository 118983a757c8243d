import ArgumentParser
import Glibc
import PromptClient

/// `promptctl send`
struct Send: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Send lines from standard input, and print the answers.",
    discussion: """
      A line is an API body or a JSON-RPC 2.0 request; an answer is a line too, an error among \
      them. Nothing is changed on the way. Answers to bodies come in the order of the lines, those \
      to requests as they are ready.

      Example: promptctl send < requests.jsonl > answers.jsonl
      """)

  @OptionGroup var socket: SocketOptions

  func run() throws {
    try RawRelay.run(path: socket.path, input: STDIN_FILENO, output: STDOUT_FILENO)
  }
}

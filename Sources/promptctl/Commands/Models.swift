import ArgumentParser
import JSON
import PromptClient
import PromptProtocol

/// `promptctl models`
struct Models: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the models that the upstreams have, as far as you may use them.",
    discussion: """
      Example: promptctl models
      """)

  @Flag(name: .long, help: "Print the daemon's result as one line of JSON.")
  var json = false

  @OptionGroup var socket: SocketOptions

  func run() async throws {
    let result = try await PromptClient.withConnection(to: socket.path) {
      try await $0.report(.models, within: .seconds(120))
    }
    let output = StandardStream.output
    if json { return try output.writeLine(result.text) }
    for model in result["data"]?.array ?? [] {
      try output.writeLine(PlainText.cell(model["id"]?.string ?? "-"))
    }
  }
}

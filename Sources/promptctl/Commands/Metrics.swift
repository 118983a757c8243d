import ArgumentParser
import JSON
import PromptClient
import PromptProtocol

/// `promptctl metrics`
struct Metrics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print everything that is counted, as OpenMetrics.",
    discussion: """
      The same is at /metrics of the socket, for a collector that speaks HTTP.

      Example: promptctl metrics | grep promptd_answers
      """)

  @Flag(name: .long, help: "Print the daemon's result as one line of JSON.")
  var json = false

  @OptionGroup var socket: SocketOptions

  func run() async throws {
    let result = try await PromptClient.withConnection(to: socket.path) {
      try await $0.report(.metrics)
    }
    if json { return try StandardStream.output.writeLine(result.text) }
    try StandardStream.output.write(result["openmetrics"]?.string ?? "")
  }
}

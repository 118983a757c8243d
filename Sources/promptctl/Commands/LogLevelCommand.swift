import ArgumentParser
import JSON
import PromptClient
import PromptConfiguration
import PromptProtocol

/// `promptctl log-level`
struct LogLevelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log-level", abstract: "Show or change the least that the daemon logs.",
    discussion: """
      For administrators. What is changed lasts until the configuration is read again, or promptd is \
      started anew. At debug, answers from the cache are logged one by one.

      Example: promptctl log-level debug
      """)

  @Argument(
    help: "One of \(LogLevel.allCases.map(\.rawValue).joined(separator: ", ")).",
    completion: .list(LogLevel.allCases.map(\.rawValue)), transform: level)
  var level: LogLevel?

  @Flag(name: .long, help: "Print the daemon's result as one line of JSON.")
  var json = false

  @OptionGroup var socket: SocketOptions

  func run() async throws {
    var writer = JSONWriter()
    writer.object { if let level { $0.member("level", level.rawValue) } }
    let params = writer.bytes
    let result = try await PromptClient.withConnection(to: socket.path) {
      try await $0.report(.logLevel, params)
    }
    let output = StandardStream.output
    if json { return try output.writeLine(result.text) }
    let inForce = PlainText.cell(result["level"]?.string ?? "-")
    let configured = PlainText.cell(result["configured"]?.string ?? "-")
    try output.writeLine(
      inForce == configured
        ? inForce : "\(inForce), until the configuration (\(configured)) is read again")
  }

  @Sendable private static func level(_ text: String) throws -> LogLevel {
    guard let level = LogLevel(rawValue: text) else {
      throw ValidationError(
        "\(text) is none of \(LogLevel.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return level
  }
}

import ArgumentParser
import JSON
import PromptClient
import PromptProtocol

/// `promptctl reload`
struct Reload: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload", abstract: "Have the daemon read its configuration again.",
    discussion: """
      For administrators. All of it is taken over, or nothing where it has a fault: then the exit code \
      is 78. Keys of upstreams and tokens are read again too. Requests under way go on.

      Example: promptctl reload
      """)

  @Flag(name: .long, help: "Print the daemon's result as one line of JSON.")
  var json = false

  @OptionGroup var socket: SocketOptions

  func run() async throws {
    let result: JSONTree
    do {
      result = try await PromptClient.withConnection(to: socket.path) {
        try await $0.report(.reload, within: .seconds(60))
      }
    } catch ClientError.refused(let error) where error.name == .invalidParams {
      // As promptd ends that is started with it.
      throw Ending(code: 78, message: error.message)
    }
    let output = StandardStream.output
    if json { return try output.writeLine(result.text) }
    let changed = Self.names(result["changed"])
    let waiting = Self.names(result["needs_restart"])
    if changed.isEmpty, waiting.isEmpty { return try output.writeLine("nothing has changed") }
    for name in changed { try output.writeLine("changed: \(name)") }
    for name in waiting {
      try output.writeLine("needs a restart: \(name)")
    }
  }

  private static func names(_ list: JSONTree?) -> [String] {
    list?.array?.compactMap { $0.string.map(PlainText.cell) } ?? []
  }
}

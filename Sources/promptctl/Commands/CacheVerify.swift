import ArgumentParser
import JSON
import PromptClient
import PromptProtocol

/// `promptctl cache verify`
struct CacheVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check every entry on disk, and remove what is damaged.",
    discussion: """
      For administrators. The exit code is 65 if anything was damaged.

      Example: promptctl cache verify
      """)

  @Flag(name: .long, help: "Print the daemon's result as one line of JSON.")
  var json = false

  @OptionGroup var socket: SocketOptions

  func run() async throws {
    let result = try await PromptClient.withConnection(to: socket.path) {
      try JSONTree(parsing: await $0.call(.cacheVerify))
    }
    let damaged = result["damaged"]?.int ?? 0
    if json {
      try StandardStream.output.writeLine(result.text)
    } else {
      try StandardStream.output.writeLine(
        "checked \(result["checked"]?.int ?? 0) entries, \(damaged) damaged")
    }
    if damaged > 0 { throw Ending(code: 65, message: "what was damaged has been removed") }
  }
}

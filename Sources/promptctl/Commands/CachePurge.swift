import ArgumentParser
import JSON
import PromptClient
import PromptProtocol

/// `promptctl cache purge`
struct CachePurge: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "purge", abstract: "Remove entries from memory and disk.",
    discussion: """
      For administrators. What is removed is overwritten in the file. Several options mean the \
      entries that fit all of them. --all removes a damaged file that was moved aside too.

      Example: promptctl cache purge --client nightly --older-than 30d
      """)

  @Flag(name: .long, help: "Remove everything.")
  var all = false

  @OptionGroup var filter: EntryFilter

  @Flag(name: .long, help: "Print the daemon's result as one line of JSON.")
  var json = false

  @OptionGroup var socket: SocketOptions

  func validate() throws {
    guard all == filter.isEmpty else {
      throw ValidationError(
        "Say what to purge: --all, or one of --model, --client, --older-than, --key.")
    }
  }

  func run() async throws {
    let params = filter.params { if all { $0.member("all", true) } }
    let result = try await PromptClient.withConnection(to: socket.path) {
      try JSONTree(parsing: await $0.call(.cachePurge, params))
    }
    if json { return try StandardStream.output.writeLine(result.text) }
    let (memory, disk) = (result["removed"]?["memory"]?.int, result["removed"]?["disk"]?.int)
    try StandardStream.output.writeLine(
      "removed \(memory ?? 0) answers from memory and \(disk ?? 0) from disk")
  }
}

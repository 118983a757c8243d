import ArgumentParser
import Glibc
import JSON
import PromptClient
import PromptProtocol

/// `promptctl cache explain`
struct CacheExplain: AsyncParsableCommand {
  /// One of the two texts that are hashed.
  enum Form: String, CaseIterable, ExpressibleByArgument {
    case key, variant
  }

  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Say why a request would hit or miss; no call is made.",
    discussion: """
      Reads the body of a request, as send takes it. Shows both canonical forms, the nearest entry \
      where none fits, and the members that differ.

      Example: promptctl cache explain body.json
      Example: promptctl cache explain --form key body.json | sha256sum
      """)

  @Argument(help: "A file with the body; standard input without it.", completion: .file())
  var file: String?

  @Option(
    name: .long, help: "Print this canonical form alone, without a line break: key or variant.")
  var form: Form?

  @Flag(name: .long, help: "Print the daemon's result as one line of JSON.")
  var json = false

  @OptionGroup var socket: SocketOptions

  func run() async throws {
    let body = try RequestBody.read(file)
    let result = try await PromptClient.withConnection(to: socket.path) {
      try JSONTree(parsing: await $0.call(.cacheExplain, body))
    }
    let output = StandardStream.output
    if let form { return try output.write(result["canonical_\(form.rawValue)"]?.string ?? "") }
    if json { return try output.writeLine(result.text) }
    try output.writeStyled(EntriesPage.explanation(result, output.style))
  }
}

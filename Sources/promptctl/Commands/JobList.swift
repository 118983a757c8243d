import ArgumentParser
import JSON
import PromptClient
import PromptProtocol

/// `promptctl job list`
struct JobList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List your jobs, the latest first; administrators see everybody's.",
    discussion: """
      Example: promptctl job list --json
      """)

  @Option(name: [.customShort("n"), .long], help: "Show so many at most.")
  var limit = 50

  @Flag(name: .long, help: "Print the daemon's result as one line of JSON.")
  var json = false

  @OptionGroup var socket: SocketOptions

  /// The daemon tells no more.
  private static let most = 1000

  func validate() throws {
    guard (1...Self.most).contains(limit) else {
      throw ValidationError("--limit must be from 1 to \(Self.most)")
    }
  }

  func run() async throws {
    var writer = JSONWriter()
    writer.object { $0.member("limit", limit) }
    let result = try await PromptClient.withConnection(to: socket.path) { [bytes = writer.bytes] in
      try await $0.report(.jobList, bytes)
    }
    let output = StandardStream.output
    if json { return try output.writeLine(result.text) }
    try output.writeStyled(JobPage.table(result, now: EntriesPage.now, output.style))
    if result["rows"]?.array?.count == limit, limit < Self.most {
      StandardStream.error.complain("there may be more: --limit \(Self.most) shows them")
    }
  }
}

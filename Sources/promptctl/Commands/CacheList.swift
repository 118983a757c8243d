import ArgumentParser
import JSON
import PromptClient
import PromptProtocol

/// `promptctl cache list`
struct CacheList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List what is kept on disk.",
    discussion: """
      For administrators. With --json a line of JSON for each entry.

      Example: promptctl cache list --model deepseek-v3 --older-than 7d
      """)

  @OptionGroup var filter: EntryFilter

  @Option(name: .long, help: "Show so many at most; 0 is all.")
  var limit = 200

  @Flag(name: .long, help: "Print each entry as a line of JSON.")
  var json = false

  @OptionGroup var socket: SocketOptions

  func run() throws {
    let output = StandardStream.output
    var rows: [JSONTree] = []
    var count = 0
    let result = try EntryReader.read(.cacheList, filter.params(), from: socket.path) { entry in
      count += 1
      guard limit == 0 || count <= limit else { return false }
      if json {
        try output.writeLine(String(decoding: entry, as: UTF8.self))
      } else {
        rows.append(try JSONTree(parsing: entry))
      }
      return true
    }
    if !json {
      try output.writeStyled(EntriesPage.table(rows, now: EntriesPage.now, output.style))
    }
    if result == nil { StandardStream.error.complain("there are more: --limit 0 shows all") }
  }
}

import ArgumentParser
import JSON
import PromptClient
import PromptProtocol

/// `promptctl cache show`
struct CacheShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the entries of a key, with request and answer.",
    discussion: """
      For administrators. A key has an entry for each variant: everything beside model, messages and \
      seed that was asked with it.

      Example: promptctl cache show 5d1f0c7e
      """)

  @Argument(help: "The key, as replies tell it: its digits, or the first 8 or more.")
  var key: String

  @Flag(name: .long, help: "Print each entry as a line of JSON.")
  var json = false

  @OptionGroup var socket: SocketOptions

  func run() throws {
    let output = StandardStream.output
    var writer = JSONWriter()
    writer.object { $0.member("key", key) }
    var count = 0
    _ = try EntryReader.read(.cacheGet, writer.bytes, from: socket.path) { entry in
      count += 1
      if json {
        try output.writeLine(String(decoding: entry, as: UTF8.self))
      } else {
        let text = EntriesPage.entry(
          try JSONTree(parsing: entry), now: EntriesPage.now, output.style)
        try output.writeStyled((count > 1 ? "\n" : "") + text)
      }
      return true
    }
    guard count > 0 else {
      throw Ending(
        code: 65,
        message: "no entry on disk has the key \(PlainText.cell(key)): promptctl cache list shows "
          + "what there is")
    }
  }
}

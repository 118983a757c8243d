import ArgumentParser
import JSON
import PromptClient
import PromptProtocol

/// `promptctl cache export`
struct CacheExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write entries with requests and answers, a line of JSON each.",
    discussion: """
      For administrators: a cassette for tests (cache.mode = "replay"), or the cache of a new machine. \
      The exit code is 65 if anything was damaged, and the rest is written.

      Example: promptctl cache export --model deepseek-v3 > answers.jsonl
      """)

  @OptionGroup var filter: EntryFilter
  @OptionGroup var socket: SocketOptions

  func run() throws {
    let output = StandardStream.output
    let result = try EntryReader.read(.cacheExport, filter.params(), from: socket.path) { entry in
      try output.writeLine(String(decoding: entry, as: UTF8.self))
      return true
    }
    let damaged = result?["damaged"]?.int ?? 0
    if damaged > 0 {
      throw Ending(code: 65, message: "\(damaged) entries were damaged, and have been removed")
    }
  }
}

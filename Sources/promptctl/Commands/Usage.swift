import ArgumentParser
import Glibc
import JSON
import PromptClient
import PromptProtocol

/// `promptctl usage`
struct Usage: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what was used and what the cache saved.",
    discussion: """
      Your own; administrators see everybody's. IN and OUT are tokens of calls, HITS answers from the \
      cache; SAVED is the tokens that hits and shared calls did not take, and WORTH what they would have \
      cost. A client has about 1,000 pairs of model and label a day.

      Examples:
        promptctl usage --by day --since 30d
        promptctl usage --by client,model --csv
      """)

  @Option(
    name: .long, help: "What rows are told apart by: any of day, client, model, upstream, label.",
    transform: dimensions)
  var by: [UsageDimension] = [.day, .client]

  @Option(name: .long, help: "From this day on, as 2026-11-25, or from so long ago, as 30d.")
  var since: String?

  @Flag(name: .long, help: "Print comma-separated values.")
  var csv = false

  @Flag(name: .long, help: "Print the daemon's result as one line of JSON.")
  var json = false

  @OptionGroup var socket: SocketOptions

  func run() async throws {
    let params = try params(now: EntriesPage.now)
    let result = try await PromptClient.withConnection(to: socket.path) {
      try await $0.report(.usage, params, within: .seconds(60))
    }
    let output = StandardStream.output
    if json { return try output.writeLine(result.text) }
    let page = UsagePage(result, by.map(\.rawValue))
    if csv { return try output.write(page.csv) }
    try output.writeStyled(page.text(output.style, hasBars: output.isTerminal))
  }

  private func params(now: Int) throws -> [UInt8] {
    let day = try since.map { try SinceDay.day($0, now: now) }
    var writer = JSONWriter()
    writer.object { writer in
      writer.name("by")
      writer.array { for dimension in by { $0.string(dimension.rawValue) } }
      if let day { writer.member("since", day) }
    }
    return writer.bytes
  }

  @Sendable private static func dimensions(_ text: String) throws -> [UsageDimension] {
    try text.split(separator: ",").map { word in
      guard let dimension = UsageDimension(rawValue: String(word)) else {
        let known = UsageDimension.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("\(word) is none of \(known)")
      }
      return dimension
    }
  }
}

import ArgumentParser
import JSON
import PromptProtocol

/// `promptctl config show`
struct ConfigShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show the configuration that is in force, and which file says it.",
    discussion: """
      For administrators. What no file says has its default: see promptd.toml(5). Keys of upstreams are \
      never shown.

      Example: promptctl config show
      """)

  @OptionGroup var report: ReportOptions

  func run() async throws {
    try await report.show(.configGet) { result, style in
      var table = Table([.whole("KEY"), .whole("VALUE"), .whole("FILE")])
      for row in result["rows"]?.array ?? [] {
        table.add(["key", "value", "file"].map { row[$0]?.string ?? "-" })
      }
      return table.text(style)
    }
  }
}

import ArgumentParser
import PromptProtocol

/// `promptctl cache stats`
struct CacheStats: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Show what the cache holds and what it has saved.",
    discussion: """
      Example: promptctl cache stats
      """)

  @OptionGroup var report: ReportOptions

  func run() async throws { try await report.show(.cacheStats, [], CachePage.text) }
}

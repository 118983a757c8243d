import ArgumentParser
import PromptProtocol

/// `promptctl clients`
struct Clients: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show who has asked, what waits for them, and what they have spent today.",
    discussion: """
      TOKENS and COST are today's, of as much as the client may spend.

      Example: promptctl clients
      """)

  @OptionGroup var report: ReportOptions

  func run() async throws { try await report.show(.status, [], ClientsPage.text) }
}

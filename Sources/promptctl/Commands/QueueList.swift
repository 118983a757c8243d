import ArgumentParser
import PromptProtocol

/// `promptctl queue list`
struct QueueList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the requests that wait or run, never their prompts.",
    discussion: """
      Example: promptctl queue list --json | jq '.rows[0]'
      """)

  @OptionGroup var report: ReportOptions

  func run() async throws { try await report.show(.queueList, [], QueuePage.text) }
}

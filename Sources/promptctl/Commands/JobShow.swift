import ArgumentParser
import PromptProtocol

/// `promptctl job show`
struct JobShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a job, with what came of it.",
    discussion: """
      Example: promptctl job show j-01JD0000000000000000000000
      """)

  @Argument(help: "The job (j-…).", completion: DaemonNames.jobs)
  var job: String

  @OptionGroup var report: ReportOptions

  func run() async throws { try await report.show(.jobGet, [("job", job)], JobPage.text) }
}

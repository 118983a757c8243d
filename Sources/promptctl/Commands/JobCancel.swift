import ArgumentParser
import JSON
import PromptProtocol

/// `promptctl job cancel`
struct JobCancel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "End a job, whether it waits or runs.",
    discussion: """
      The exit code is 65 if it was over already.

      Example: promptctl job cancel j-01JD0000000000000000000000
      """)

  @Argument(help: "The job (j-…).", completion: DaemonNames.jobs)
  var job: String

  @OptionGroup var report: ReportOptions

  func run() async throws {
    let result = try await report.show(.jobCancel, [("job", job)]) { result, _ in
      result["cancelled"]?.bool == true ? "cancelled \(PlainText.cell(job))\n" : ""
    }
    guard result["cancelled"]?.bool == true else {
      throw Ending(code: 65, message: "\(PlainText.cell(job)) was over already")
    }
  }
}

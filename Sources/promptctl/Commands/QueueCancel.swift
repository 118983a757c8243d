import ArgumentParser
import JSON
import PromptProtocol

/// `promptctl queue cancel`
struct QueueCancel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "End a request, whether it waits or runs.",
    discussion: """
      Your own requests; administrators may cancel any. Whoever waits for the request is told \
      that it was cancelled. The exit code is 65 if the request was not under way.

      Example: promptctl queue cancel r-01JD0000000000000000000000
      """)

  @Argument(help: "The request, as queue list shows it.", completion: DaemonNames.requests)
  var request: String

  @OptionGroup var report: ReportOptions

  func run() async throws {
    let result = try await report.show(.queueCancel, [("request", request)]) { result, _ in
      result["cancelled"]?.bool == true ? "cancelled \(PlainText.cell(request))\n" : ""
    }
    guard result["cancelled"]?.bool == true else {
      throw Ending(
        code: 65,
        message: "\(PlainText.cell(request)) is not under way: promptctl queue list shows what is")
    }
  }
}

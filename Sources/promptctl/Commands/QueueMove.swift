import ArgumentParser
import PromptProtocol

/// `promptctl queue move`
struct QueueMove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "move", abstract: "Give a waiting request another class.",
    discussion: """
      Your own requests; administrators may move any. The classes are urgent, high, normal, low \
      and idle.

      Example: promptctl queue move r-01JD0000000000000000000000 high
      """)

  @Argument(help: "The request, as queue list shows it.", completion: DaemonNames.requests)
  var request: String

  @Argument(help: "The class.", completion: DaemonNames.classes)
  var priority: PriorityClass

  @OptionGroup var report: ReportOptions

  func run() async throws {
    let params: [(StaticString, String)] = [("request", request), ("priority", priority.name)]
    try await report.show(.queueMove, params, QueuePage.moved)
  }
}

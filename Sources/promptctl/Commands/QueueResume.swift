import ArgumentParser
import PromptProtocol

/// `promptctl queue resume`
struct QueueResume: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Let paused upstreams start calls again.",
    discussion: """
      Those that an administrator has paused, or one of them. For administrators. A pause lasts until queue resume, or until promptd is started anew.
      """)

  @Argument(help: "The upstream; without it, all of them.")
  var upstream: String?

  @OptionGroup var report: ReportOptions

  func run() async throws {
    let params = upstream.map { [("upstream" as StaticString, $0)] } ?? []
    try await report.show(.queueResume, params, QueuePage.paused)
  }
}

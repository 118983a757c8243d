import ArgumentParser
import PromptProtocol

/// `promptctl queue pause`
struct QueuePause: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Stop upstreams from starting calls; what runs goes on.",
    discussion: """
      Requests wait meanwhile, as long as their max_wait allows. For administrators. A pause lasts until queue resume, or until promptd is started anew.
      """)

  @Argument(help: "The upstream; without it, all of them.")
  var upstream: String?

  @OptionGroup var report: ReportOptions

  func run() async throws {
    let params = upstream.map { [("upstream" as StaticString, $0)] } ?? []
    try await report.show(.queuePause, params, QueuePage.paused)
  }
}

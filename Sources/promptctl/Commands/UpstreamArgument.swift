import ArgumentParser
import PromptProtocol

/// What `queue pause` and `queue resume` share.
struct UpstreamArgument: ParsableArguments {
  @Argument(help: "The upstream; without it, all of them.", completion: DaemonNames.upstreams)
  var upstream: String?

  @OptionGroup var report: ReportOptions

  /// Calls the method and prints which upstreams are paused then.
  func show(_ method: RPCMethod) async throws {
    let params = upstream.map { [("upstream" as StaticString, $0)] } ?? []
    try await report.show(method, params, QueuePage.paused)
  }
}

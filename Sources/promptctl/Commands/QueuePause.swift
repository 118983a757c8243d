import ArgumentParser
import PromptProtocol

/// `promptctl queue pause`
struct QueuePause: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Stop upstreams from starting calls; what runs goes on.",
    discussion: """
      Requests wait meanwhile, as long as their max_wait allows. For administrators. A pause lasts \
      until queue resume, or until promptd is started anew.

      Example: promptctl queue pause jiekou
      """)

  @OptionGroup var upstreams: UpstreamArgument

  func run() async throws { try await upstreams.show(.queuePause) }
}

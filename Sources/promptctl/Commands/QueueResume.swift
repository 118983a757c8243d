import ArgumentParser
import PromptProtocol

/// `promptctl queue resume`
struct QueueResume: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Let paused upstreams start calls again.",
    discussion: """
      Those that an administrator has paused, or one of them. For administrators. A pause lasts \
      until queue resume, or until promptd is started anew.

      Example: promptctl queue resume
      """)

  @OptionGroup var upstreams: UpstreamArgument

  func run() async throws { try await upstreams.show(.queueResume) }
}

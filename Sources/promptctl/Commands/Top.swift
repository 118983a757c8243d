import ArgumentParser
import Glibc
import JSON
import PromptClient
import PromptProtocol

/// `promptctl top`
struct Top: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Watch the daemon at work, and steer it.",
    discussion: """
      Fills the screen until q. h shows the keys.

      Example: promptctl top
      """)

  @OptionGroup var socket: SocketOptions

  func run() async throws {
    let style = StandardStream.output.style
    // Before the terminal is taken: without a daemon there is nothing to show.
    try await PromptClient.withConnection(to: socket.path) { client in
      try FullScreen.open()
      defer { FullScreen.close() }
      try await Self.run(client, style)
    }
  }

  /// More requests than these are not asked for, unless some are looked for.
  private static let rows = Array(#"{"limit":500}"#.utf8)

  private static func run(_ client: PromptClient, _ style: TextStyle) async throws {
    // A change of size interrupts the wait for keys.
    signal(SIGWINCH) { _ in }
    var state = TopState()
    var last = ContinuousClock.now
    var due = ContinuousClock.now
    while true {
      let now = ContinuousClock.now
      if now >= due {
        let status = try await client.report(.status)
        let queue = try await client.report(.queueList, state.filter.isEmpty ? rows : nil)
        state.came(status: status, queue: queue, after: seconds(now - last))
        last = now
        due = now + .seconds(1)
      }
      let (width, height) = FullScreen.size
      try FullScreen.draw(
        TopScreen(state: state, width: width, height: height, style: style).lines)
      let wait = max(0, min(1000, (due - .now).milliseconds))
      guard let typed = FullScreen.typed(within: wait) else { return }
      for key in TopKey.keys(typed, isTyping: state.isTyping) {
        guard let wish = state.pressed(key) else { continue }
        if wish == .quit { return }
        state.message = await message(of: wish, client)
        due = .now
      }
    }
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.milliseconds) / 1000
  }

  /// Does what was wished; returns what to say of it.
  private static func message(of wish: TopState.Wish, _ client: PromptClient) async -> String {
    do {
      switch wish {
      case .quit: return ""
      case .pause:
        _ = try await client.report(.queuePause)
        return "paused: r resumes"
      case .resume:
        _ = try await client.report(.queueResume)
        return "resumed"
      case .cancel(let request):
        let result = try await client.report(.queueCancel, params([("request", request)]))
        return result["cancelled"]?.bool == true ? "cancelled \(request)" : "it was over already"
      case .move(let request, let name):
        let result = try await client.report(
          .queueMove, params([("request", request), ("priority", name)]))
        return "\(request) waits as \(result["priority"]?.string ?? name) now"
      }
    } catch {
      return "\(error)"
    }
  }

  private static func params(_ members: [(StaticString, String)]) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in for (name, value) in members { writer.member(name, value) } }
    return writer.bytes
  }
}

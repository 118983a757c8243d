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
    try await PromptClient.withConnection(to: socket.path) { _ in }
    try FullScreen.open()
    defer { FullScreen.close() }
    // A change of size interrupts the wait for keys.
    signal(SIGWINCH) { _ in }
    var state = TopState()
    while true {
      do {
        return try await PromptClient.withConnection(to: socket.path) { [state] client in
          try await Self.run(client, style, state)
        }
      } catch let error as ClientError where error.isPassing {
        // It may be starting anew.
        state.lost("\(error)")
        guard try Self.draw(&state, style, for: 1000) == nil else { return }
      }
    }
  }

  /// More requests than these are not asked for, unless some are looked for.
  private static let rows = Array(#"{"limit":500}"#.utf8)

  private static func run(
    _ client: PromptClient, _ style: TextStyle, _ state: TopState
  ) async throws {
    var state = state
    state.message = ""
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
      guard let wish = try draw(&state, style, for: (due - .now).milliseconds) else { continue }
      if wish == .quit { return }
      state.message = await message(of: wish, client)
      due = .now
    }
  }

  /// Draws, and waits for keys so many milliseconds; returns what the daemon is to do.
  private static func draw(
    _ state: inout TopState, _ style: TextStyle, for milliseconds: Int
  ) throws -> TopState.Wish? {
    let (width, height) = FullScreen.size
    try FullScreen.draw(TopScreen(state: state, width: width, height: height, style: style).lines)
    guard let typed = FullScreen.typed(within: max(0, min(1000, milliseconds))) else {
      return .quit
    }
    for key in TopKey.keys(typed, isTyping: state.isTyping) {
      if let wish = state.pressed(key) { return wish }
    }
    return nil
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

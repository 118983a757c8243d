import Glibc

/// A terminal of 80×24 that runs a shell command, on a tmux server of its own.
package struct Terminal: Sendable {
  private let folder: TemporaryFolder

  /// Whether there is a tmux.
  package static var isThere: Bool { access("/usr/bin/tmux", X_OK) == 0 }

  package init(in folder: TemporaryFolder) { self.folder = folder }

  /// Runs a command of tmux; returns its output.
  package func tmux(_ words: String...) async throws -> String {
    let program = try Program(
      "/usr/bin/tmux", ["-S", folder["tmux.sock"]] + words, in: folder,
      environment: ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8"])
    return await program.result().output
  }

  /// Runs a shell command, and keeps the screen when it has ended.
  package func start(_ command: String) async throws {
    _ = try await tmux(
      "-f", "/dev/null", "start-server", ";", "set-option", "-g", "history-limit", "20000", ";",
      "new-session", "-d", "-x", "80", "-y", "24", "\(command); cat")
  }

  /// Presses keys, by tmux's names for them.
  package func keys(_ keys: String) async throws { _ = try await tmux("send-keys", keys) }

  /// The screen, once it holds `text`; throws when it does not for long.
  package func screen(with text: String) async throws -> String {
    let end = ContinuousClock.now + .seconds(90)
    var screen = ""
    while ContinuousClock.now < end {
      screen = try await tmux("capture-pane", "-p")
      if screen.contains(text) { return screen }
    }
    throw ConnectionFailure(description: "the screen never showed \(text):\n\(screen)")
  }

  /// All that was on the screen since the start.
  package func scrollback() async throws -> String {
    try await tmux("capture-pane", "-p", "-J", "-S", "-")
  }

  /// Ends the terminal, and whatever runs in it.
  package func end() async throws { _ = try await tmux("kill-server") }
}

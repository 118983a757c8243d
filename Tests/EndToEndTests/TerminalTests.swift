import Glibc
import JSON
import TestSupport
import Testing

/// promptctl in a real terminal, which tmux holds and shows.
@Suite(
  .timeLimit(.minutes(2)),
  .enabled(if: access("/usr/bin/tmux", X_OK) == 0, "a terminal to look at needs tmux"))
struct TerminalTests {
  /// A terminal of 80×24 that runs a shell command, on a tmux server of its own.
  private struct Terminal {
    let folder: TemporaryFolder

    func tmux(_ words: String...) async throws -> String {
      let program = try Program(
        "/usr/bin/tmux", ["-S", folder["tmux.sock"]] + words, in: folder,
        environment: ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8"])
      return await program.result().output
    }

    func start(_ command: String) async throws {
      _ = try await tmux(
        "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "\(command); cat")
    }

    func keys(_ keys: String) async throws { _ = try await tmux("send-keys", keys) }

    /// The screen, once it holds `text`; throws when it does not for long.
    func screen(with text: String) async throws -> String {
      let end = ContinuousClock.now + .seconds(30)
      var screen = ""
      while ContinuousClock.now < end {
        screen = try await tmux("capture-pane", "-p")
        if screen.contains(text) { return screen }
      }
      throw ConnectionFailure(description: "the screen never showed \(text):\n\(screen)")
    }

    func end() async throws { _ = try await tmux("kill-server") }
  }

  private func run(
    _ body: (RunningDaemon, Terminal, _ promptctl: String) async throws -> Void
  ) async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let terminal = Terminal(folder: folder)
    do {
      try await body(
        daemon, terminal, "PROMPTD_SOCKET=\(daemon.socket) \(Program.products)/promptctl")
    } catch {
      try await terminal.end()
      throw error
    }
    try await terminal.end()
    #expect(await daemon.stop().code == 0)
  }

  @Test func topFillsTheScreenFollowsItsSizeAndGivesItBack() async throws {
    try await run { daemon, terminal, promptctl in
      let client = try daemon.client()
      try await client.send(ChatLine.bare("x", model: "sandbox/silent"))
      try await terminal.start("echo before; \(promptctl) top; echo left with $?")
      let small = try await terminal.screen(with: "sandbox/silent")
      #expect(small.contains("promptd 0.1.0  serving"))
      #expect(small.contains("q quit  h help"))
      #expect(!small.contains("before"))
      _ = try await terminal.tmux("resize-window", "-x", "200", "-y", "60")
      let large = try await terminal.screen(with: "sandbox/silent")
      #expect(large.split(separator: "\n", omittingEmptySubsequences: false).count >= 60)
      try await terminal.keys("c")
      _ = try await terminal.screen(with: "cancelled r-")
      #expect(try await client.reply()["error"]?["type"]?.string == "cancelled")
      try await terminal.keys("h")
      _ = try await terminal.screen(with: "choose a request")
      try await terminal.keys("q")
      let after = try await terminal.screen(with: "left with 0")
      #expect(after.contains("before"))
      #expect(!after.contains("choose a request"))
    }
  }

  @Test func topGivesTheTerminalBackWhenItIsKilled() async throws {
    try await run { _, terminal, promptctl in
      try await terminal.start(
        "sh -c 'echo $$ > \(terminal.folder["pid"]); exec \(Program.products)/promptctl top --socket \(terminal.folder["promptd.sock"])'; stty -a; echo over"
      )
      _ = try await terminal.screen(with: "q quit")
      let pid = try terminal.folder.read("pid").split(separator: "\n").first.flatMap { Int32($0) }
      kill(try #require(pid), SIGTERM)
      let after = try await terminal.screen(with: "over")
      #expect(after.contains(" icanon ") && after.contains(" echo "))
      #expect(!after.contains("q quit"))
    }
  }

  @Test func aBatchShowsABarOnATerminal() async throws {
    try await run { daemon, terminal, promptctl in
      let model = "sandbox/slow?first_byte_ms=300"
      let lines = (0..<40).map { ChatLine.bare("\($0)", model: model) + "\n" }
      let file = try terminal.folder.write(lines.joined(), to: "in.jsonl")
      try await terminal.start("\(promptctl) batch --in-flight 8 \(file); echo left with $?")
      let bar = try await terminal.screen(with: "/40 ")
      #expect(bar.contains("["))
      #expect(bar.contains(" %"))
      let after = try await terminal.screen(with: "left with 0")
      #expect(after.contains("40 answered, 0 of them hits, 0 errors"))
      #expect(!after.contains("["))
    }
  }

  @Test func coloursAreForTerminalsThatWantThem() async throws {
    try await run { daemon, terminal, promptctl in
      try await terminal.start(
        "\(promptctl) clients; NO_COLOR=1 \(promptctl) queue list; echo over")
      _ = try await terminal.screen(with: "over")
      let raw = try await terminal.tmux("capture-pane", "-p", "-e")
      #expect(raw.contains("\u{1B}[1mCLIENT"))
      #expect(raw.contains("REQUEST") && !raw.contains("\u{1B}[1mREQUEST"))
      let piped = try Program(
        "promptctl", ["status", "--socket", daemon.socket], in: terminal.folder)
      #expect(await !piped.result().output.contains("\u{1B}"))
    }
  }

  @Test func bashCompletesTheDaemonsOwnModels() async throws {
    try await run { daemon, terminal, _ in
      try terminal.folder.write(
        """
        PATH=\(Program.products):$PATH PROMPTD_SOCKET=\(daemon.socket)
        export PATH PROMPTD_SOCKET
        source <(promptctl completion bash)
        PS1='ready$ '
        """, to: "rc")
      try await terminal.start("bash --noprofile --rcfile \(terminal.folder["rc"]) -i")
      _ = try await terminal.screen(with: "ready$")
      try await terminal.keys("promptctl ask -m sandbox/ec")
      try await terminal.keys("Tab")
      _ = try await terminal.screen(with: "-m sandbox/echo")
      try await terminal.keys("C-u")
      try await terminal.keys("promptctl queue move r-1 urg")
      try await terminal.keys("Tab")
      _ = try await terminal.screen(with: "r-1 urgent")
    }
  }
}

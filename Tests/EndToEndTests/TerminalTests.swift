import Glibc
import JSON
import TestSupport
import Testing

/// promptctl in a real terminal, which tmux holds and shows.
@Suite(
  .timeLimit(.minutes(2)),
  .enabled(if: Terminal.isThere, "a terminal to look at needs tmux"))
struct TerminalTests {
  private func run(
    _ body: (RunningDaemon, Terminal, _ promptctl: String) async throws -> Void
  ) async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let terminal = Terminal(in: folder)
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
    try await run { daemon, terminal, promptctl in
      try await terminal.start(
        "sh -c 'echo $$ > \(daemon.folder["pid"]); exec \(Program.products)/promptctl top --socket \(daemon.folder["promptd.sock"])'; stty -a; echo over"
      )
      _ = try await terminal.screen(with: "q quit")
      let pid = try daemon.folder.read("pid").split(separator: "\n").first.flatMap { Int32($0) }
      kill(try #require(pid), SIGTERM)
      let after = try await terminal.screen(with: "over")
      #expect(after.contains(" icanon ") && after.contains(" echo "))
      #expect(!after.contains("q quit"))
    }
  }

  @Test func aBatchShowsABarOnATerminal() async throws {
    try await run { daemon, terminal, promptctl in
      // One never ends by itself, so that the bar stays to be looked at.
      let lines = (0..<40).map {
        ChatLine.bare("\($0)", model: $0 == 20 ? "sandbox/silent" : "sandbox/echo") + "\n"
      }
      let file = try daemon.folder.write(lines.joined(), to: "in.jsonl")
      try await terminal.start("\(promptctl) batch --in-flight 8 \(file); echo left with $?")
      let bar = try await terminal.screen(with: "39/40 ")
      #expect(bar.contains("["))
      #expect(bar.contains(" 97 %"))
      let client = try daemon.client()
      let list = try await client.ask(ChatLine.call(1, "queue.list"))
      let request = try #require(list["result"]?["rows"]?[0]?["request"]?.string)
      _ = try await client.ask(
        ChatLine.call(2, "queue.cancel", #"{"request":"\#(request)"}"#))
      let after = try await terminal.screen(with: "left with 65")
      #expect(after.contains("39 answered, 0 of them hits, 1 errors"))
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
        "promptctl", ["status", "--socket", daemon.socket], in: daemon.folder)
      #expect(await !piped.result().output.contains("\u{1B}"))
    }
  }

  /// How a shell is started with its completions in place, and a prompt that can be waited for.
  enum Shell: String, CaseIterable {
    case bash, zsh, fish

    var isThere: Bool { access("/usr/bin/\(rawValue)", X_OK) == 0 }

    /// The command that starts it; its files are in the folder.
    func command(in folder: TemporaryFolder) throws -> String {
      let script = "promptctl completion \(rawValue)"
      switch self {
      case .bash:
        try folder.write("source <(\(script))\nPS1='ready> '\n", to: "rc")
        return "bash --noprofile --rcfile \(folder["rc"]) -i"
      case .zsh:
        try folder.write(
          "fpath=(\(folder.path) $fpath)\nautoload -U compinit; compinit -u -D\nPS1='ready> '\n",
          to: ".zshrc")
        return "\(script) > \(folder["_promptctl"]); ZDOTDIR=\(folder.path) zsh -i"
      case .fish:
        let place = folder["fish/completions"]
        return "mkdir -p \(place); \(script) > \(place)/promptctl.fish; "
          + "XDG_CONFIG_HOME=\(folder.path) XDG_DATA_HOME=\(folder.path) "
          + "fish -i -C 'function fish_prompt; echo -n \"ready> \"; end'"
      }
    }
  }

  @Test(arguments: Shell.allCases.filter(\.isThere))
  func shellsCompleteWhatTheDaemonKnows(shell: Shell) async throws {
    try await run { daemon, terminal, _ in
      let client = try daemon.client()
      try await client.send(ChatLine.bare("x", model: "sandbox/silent"))
      let command = try shell.command(in: daemon.folder)
      try await terminal.start(
        "export PATH=\(Program.products):$PATH PROMPTD_SOCKET=\(daemon.socket); \(command)")
      _ = try await terminal.screen(with: "ready>")
      let root = try #require(
        try await daemon.client().ask(ChatLine.call(1, "ping"))["result"]?["client"]?.string)
      for (typed, completed) in [
        ("promptctl log-", "log-level"), ("promptctl ask -m sandbox/ec", "-m sandbox/echo"),
        ("promptctl queue move r-", "move r-0"), ("promptctl queue move r-1 urg", "r-1 urgent"),
        ("promptctl log --client \(root.prefix(2))", "--client \(root)"),
      ] {
        try await terminal.keys(typed)
        try await terminal.keys("Tab")
        _ = try await terminal.screen(with: completed)
        try await terminal.keys("C-u")
      }
    }
  }
}

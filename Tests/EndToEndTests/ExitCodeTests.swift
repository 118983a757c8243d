import Glibc
import JSON
import TestSupport
import Testing

/// How every command ends in a real terminal, whatever goes wrong: by sysexits.h.
@Suite(
  .timeLimit(.minutes(2)), .enabled(if: Terminal.isThere, "a terminal to look at needs tmux"))
struct ExitCodeTests {
  /// A command line of promptctl, and the code that it ends with.
  private typealias Case = (words: String, code: Int32)

  private static let key = String(repeating: "0", count: 64)
  private static let request = "r-" + String(repeating: "0", count: 26)
  private static let job = "j-" + String(repeating: "0", count: 26)

  /// Every command that talks to a daemon, in a form that a daemon takes.
  private static let commands = [
    "ask -m sandbox/echo hello", "send < body.json", "status", "queue list",
    "queue pause", "queue resume", "clients", "job submit body.json",
    "job list", "batch -q in.jsonl", "cache stats", "cache list", "cache explain body.json",
    "cache export", "cache import empty", "cache verify", "cache purge --all", "usage", "models",
    "metrics", "config show", "reload", "log-level", "ping",
  ]

  /// Those that need something that is there.
  private static let particular = [
    "queue cancel \(request)", "queue move \(request) high", "job show \(job)", "job wait \(job)",
    "job cancel \(job)",
    "cache show \(key)", "log", "top",
  ]

  private func files(in folder: TemporaryFolder) throws {
    let body = ChatLine.bare("x")
    try folder.write(body + "\n", to: "body.json")
    try folder.write(body + "\n", to: "in.jsonl")
    try folder.write(ChatLine.bare("x", model: "sandbox/silent"), to: "silent.json")
    try folder.write("", to: "empty")
    try folder.write("{", to: "faulty")
    try folder.write("[listen]\nnope = 1\n", to: "faulty.toml")
  }

  /// Runs the commands one after the other in a terminal, as an ordinary user where `isOrdinary`; returns
  /// all that was on the screen.
  private func run(
    _ cases: [Case], in folder: TemporaryFolder, socket: String, isOrdinary: Bool = false
  ) async throws -> String {
    var script = "cd \(folder.path)\nexport PROMPTD_SOCKET=\(socket)\n"
    var program = "\(Program.products)/promptctl"
    if isOrdinary {
      // The build folder need not be open to everybody.
      script += "cp \(program) . && chmod 755 promptctl\n"
      program = "setpriv --reuid 65534 --regid 65534 --clear-groups ./promptctl"
    }
    script += "P='\(program)'\n"
    script += cases.map { "$P \($0.words)\necho $? >> codes\n" }.joined()
    try folder.write(script + "echo all over\n", to: "script")
    try folder.write("", to: "codes")
    let terminal = Terminal(in: folder)
    let screen: String
    do {
      try await terminal.start("sh \(folder["script"])")
      _ = try await terminal.screen(with: "all over")
      screen = try await terminal.scrollback()
    } catch {
      try await terminal.end()
      throw error
    }
    try await terminal.end()
    let codes = try folder.read("codes").split(separator: "\n").compactMap { Int32($0) }
    #expect(codes.count == cases.count)
    for (code, one) in zip(codes, cases) { #expect(code == one.code, "\(one.words)") }
    return screen
  }

  @Test func withoutADaemonItIsUnavailable() async throws {
    let folder = try TemporaryFolder()
    try files(in: folder)
    let cases: [Case] = (Self.commands + Self.particular).map { words in
      (words, words == "status" ? 3 : 69)
    }
    let screen = try await run(cases, in: folder, socket: "/nowhere/promptd.sock")
    let told = screen.split(separator: "\n").count {
      $0.contains("no daemon at /nowhere/promptd.sock: systemctl start promptd, or make run")
    }
    #expect(told == cases.count)
  }

  @Test func aWrongCommandLineIsAMatterOfUsage() async throws {
    let folder = try TemporaryFolder()
    try files(in: folder)
    let others = ["config check", "completion bash"]
    var cases: [Case] = (Self.commands + Self.particular + others).map { ("\($0) --nope", 64) }
    cases += [
      ("statsu", 64), ("queue lst", 64), ("ask --temperature warm hi", 64),
      ("queue move \(Self.request) soon", 64), ("usage --by hour", 64), ("usage --since never", 64),
      ("log-level loud", 64), ("cache purge", 64), ("batch --in-flight 0 in.jsonl", 64),
      ("batch -o in.jsonl in.jsonl", 64), ("completion tcsh", 64), ("job show", 64),
      ("ask < empty", 64), ("ping --socket /\(String(repeating: "x", count: 120))", 64),
    ]
    let screen = try await run(cases, in: folder, socket: "/nowhere")
    #expect(screen.contains("there is no command statsu; did you mean status?"))
    #expect(screen.contains("there is no command lst; did you mean list?"))
  }

  @Test func whatGoesWellEndsWithNothing() async throws {
    let folder = try TemporaryFolder()
    try files(in: folder)
    let daemon = try await RunningDaemon.start(in: folder)
    var cases: [Case] = Self.commands.map { ($0, 0) }
    cases += [("config check promptd.toml", 0), ("completion bash > /dev/null", 0)]
    cases += [("--help > /dev/null", 0), ("--version", 0)]
    _ = try await run(cases, in: folder, socket: daemon.socket)
    #expect(await daemon.stop().code == 0)
  }

  @Test func whatGoesWrongIsToldApart() async throws {
    let folder = try TemporaryFolder()
    try files(in: folder)
    let daemon = try await RunningDaemon.start(in: folder, cache: "keep_sandbox = true")
    func ask(_ words: String) -> String { "ask -q \(words)" }
    let cases: [Case] = [
      // Bad data.
      (ask("-m sandbox/echo --temperature 3 hi"), 65), ("queue move \(Self.request) high", 65),
      ("queue cancel \(Self.request)", 65),
      ("job show \(Self.job)", 65), ("job wait \(Self.job)", 65), ("job cancel \(Self.job)", 65),
      ("job submit faulty", 65), ("batch faulty", 65), ("cache explain faulty", 65),
      ("cache import faulty", 65), ("cache show \(Self.key)", 65), ("queue pause nobody", 65),
      // No answer.
      (ask("-m 'sandbox/status?code=418' hi"), 69), (ask("-m sandbox/echo --cache only new"), 69),
      (ask("-m 'sandbox/cut?after=3' hi"), 69),
      // Another time, perhaps.
      (#"job cancel "$($P job submit silent.json | tee job)""#, 0), (#"job wait "$(cat job)""#, 75),
      // Output that goes nowhere; the first leaves something to export.
      (ask("-m sandbox/echo kept"), 0),
      ("status > /dev/full", 74), ("queue list > /dev/full", 74), ("metrics > /dev/full", 74),
      (ask("-m sandbox/echo hi > /dev/full"), 74), ("cache export > /dev/full", 74),
      // Configurations.
      ("config check faulty.toml", 78), ("config check nowhere.toml", 78),
    ]
    _ = try await run(cases, in: folder, socket: daemon.socket)
    try folder.write(try folder.read("promptd.toml") + "\n[nope]\n", to: "promptd.toml")
    _ = try await run([("reload", 78)], in: folder, socket: daemon.socket)
    #expect(await daemon.stop().code == 0)
  }

  @Test func withoutAnUpstreamTheConfigurationIsAtFault() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder, arguments: [])
    let screen = try await run([("ask hi", 78)], in: folder, socket: daemon.socket)
    #expect(screen.contains("no upstream is configured: write an [[upstream]]"))
    #expect(await daemon.stop().code == 0)
  }

  @Test(.enabled(if: geteuid() == 0, "another user's programs are started by root"))
  func whatIsNotPermittedSaysSo() async throws {
    let folder = try TemporaryFolder()
    try files(in: folder)
    for file in ["body.json", "in.jsonl", "empty"] { chmod(folder[file], 0o644) }
    let daemon = try await RunningDaemon.start(in: folder, listen: "mode = \"0666\"")
    chmod(folder.path, 0o755)
    // For administrators alone.
    let administrators = [
      "queue pause", "queue resume", "cache list", "cache show \(Self.key)", "cache export",
      "cache import in.jsonl", "cache verify", "cache purge --all", "config show", "reload",
      "log-level debug",
    ]
    let cases: [Case] = administrators.map { ($0, 77) }
    let screen = try await run(cases, in: folder, socket: daemon.socket, isOrdinary: true)
    #expect(screen.contains("only administrators"))
    chmod(daemon.socket, 0o600)
    _ = try await run(
      [("ping", 77), ("status", 4)], in: folder, socket: daemon.socket, isOrdinary: true)
    #expect(await daemon.stop().code == 0)
  }

  @Test func ctrlCTakesARequestBackAndLeavesWithItsSignal() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let watcher = try daemon.client()
    try await watcher.watchLog()
    let terminal = Terminal(in: folder)
    let model = "'sandbox/slow?first_byte_ms=0&tokens_per_s=1'"
    try await terminal.start(
      "PROMPTD_SOCKET=\(daemon.socket) \(Program.products)/promptctl ask -m \(model) "
        + "$(seq -f word%g 600); echo left with $?")
    _ = try await terminal.screen(with: "word1")
    try await terminal.keys("C-c")
    _ = try await terminal.screen(with: "left with 130")
    #expect(try await watcher.entry("call given up")?["entry"]?["error"]?.string == "cancelled")
    try await terminal.end()
    #expect(await daemon.stop().code == 0)
  }
}

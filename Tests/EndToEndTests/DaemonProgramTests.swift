import Glibc
import JSON
import PromptSandbox
import TestSupport
import Testing

@Suite struct DaemonProgramTests {
  private let line = ChatLine.bare("hello", more: #","seed":7"#)

  @Test func itServesUntilItIsToldToStopAndLeavesNoSocketBehind() async throws {
    for signal in [SIGTERM, SIGINT] {
      let folder = try TemporaryFolder()
      let daemon = try await RunningDaemon.start(in: folder)
      let client = try daemon.client()
      #expect(try await client.ask(line)["promptd"]?["cache"]?.string == "miss")
      #expect(try await client.ask(line)["promptd"]?["cache"]?.string == "hit")
      daemon.program.signal(signal)
      #expect(await daemon.notifications.message(with: "STOPPING=1") != nil)
      let result = await daemon.program.result()
      #expect(result.code == 0)
      #expect(access(daemon.socket, F_OK) != 0)
      #expect(result.errors.contains("call ended"))
      #expect(!result.errors.contains("hello"))
    }
  }

  @Test func aSecondOneIsRefusedAndTheFirstUnharmed() async throws {
    let folder = try TemporaryFolder()
    let first = try await RunningDaemon.start(in: folder)
    let second = try Program(
      "promptd", ["--sandbox", "--config", folder["promptd.toml"]], in: folder)
    let refused = await second.result()
    #expect(refused.code == 69)
    #expect(refused.errors.contains("another promptd serves \(first.socket)"))
    #expect(try await first.client().ask(line)["choices"] != nil)
    #expect(await first.stop().code == 0)
  }

  @Test func whatWasStoredOutlivesAKillAndItsStaleSocketIsTakenOver() async throws {
    let folder = try TemporaryFolder()
    let keep = "keep_sandbox = true"
    let first = try await RunningDaemon.start(in: folder, cache: keep)
    let client = try first.client()
    #expect(try await client.ask(line)["promptd"]?["cache"]?.string == "miss")
    var entries = 0
    while entries == 0 {
      let stats = try await client.ask(ChatLine.call(1, "cache.stats"))["result"]
      entries = stats?["disk"]?["entries"]?.int ?? 0
    }
    first.program.signal(SIGKILL)
    #expect(await first.program.result().code == -SIGKILL)
    #expect(access(first.socket, F_OK) == 0)
    let second = try await RunningDaemon.start(in: folder, cache: keep)
    let again = try await second.client().ask(line)
    #expect(again["promptd"]?["cache"]?.string == "hit")
    #expect(await second.stop().code == 0)
  }

  @Test func anInheritedSocketIsServedAndLeftInPlace() async throws {
    let folder = try TemporaryFolder()
    let listening = try ListeningDescriptor(folder["inherited.sock"])
    let daemon = try await RunningDaemon.start(in: folder, inherited: listening.descriptor)
    let client = try LineClient(folder["inherited.sock"])
    #expect(try await client.ask(line)["choices"] != nil)
    #expect(access(daemon.socket, F_OK) != 0)
    #expect(await daemon.stop().code == 0)
    // The backlog belongs to the next start.
    #expect(access(folder["inherited.sock"], F_OK) == 0)
    let waiting = try LineClient(folder["inherited.sock"])
    let next = try await RunningDaemon.start(in: folder, inherited: listening.descriptor)
    #expect(try await waiting.ask(line)["choices"] != nil)
    #expect(await next.stop().code == 0)
  }

  private func listeningLoopback() throws -> Descriptor {
    let socket = try SocketAddress.loopback.bound()
    guard listen(socket.number, 16) == 0 else { throw SystemError(errno) }
    return socket
  }

  @Test func anInheritedLoopbackSocketIsServedToWhoeverShowsAToken() async throws {
    let folder = try TemporaryFolder()
    let listening = try listeningLoopback()
    try folder.write("t0k3n robot\n", to: "tokens")
    let rules = "[[client]]\nname = \"robot\"\nuser = \"root\"\n"
    let environment = ["LISTEN_FDNAMES": "http"]
    let daemon = try await RunningDaemon.start(
      in: folder, others: rules, listen: "http_tokens_file = \"\(folder["tokens"])\"",
      environment: environment, inherited: listening.number)
    // The Unix socket is promptd's own then.
    #expect(try await daemon.client().ask(line)["choices"] != nil)
    let client = try APIClient(
      .loopback(port: SocketAddress.port(of: listening)))
    let body = ChatLine.bare("hello")
    let answer = try await client.ask(body, headers: ["Authorization: Bearer t0k3n"])
    #expect(answer.status == 200)
    #expect(try await client.ask(body).status == 401)
    #expect(await daemon.stop().code == 0)
  }

  @Test func anInheritedLoopbackSocketWithoutTokensIsAFaultOfTheConfiguration() async throws {
    let folder = try TemporaryFolder()
    let listening = try listeningLoopback()
    let file = try folder.write(RunningDaemon.configuration(in: folder), to: "promptd.toml")
    let program = try Program(
      "promptd", ["--sandbox", "--config", file], in: folder,
      environment: ["LISTEN_FDNAMES": "http"], inherited: listening.number)
    let result = await program.result()
    #expect(result.code == 78)
    #expect(result.errors.contains("http_tokens_file"))
  }

  @Test func whoeverWaitsForADaemonThatDoesNotStartIsTold() async throws {
    let folder = try TemporaryFolder()
    let listening = try ListeningDescriptor(folder["inherited.sock"])
    let file = try folder.write("[listen]\nsocket = 5\n", to: "promptd.toml")
    let (lines, silent) = (
      try LineClient(folder["inherited.sock"]), try LineClient(folder["inherited.sock"])
    )
    let http = try APIClient(.unix(folder["inherited.sock"]))
    try await lines.send(line)
    try await http.send(APIClient.request(line))
    let program = try Program(
      "promptd", ["--config", file], in: folder, inherited: listening.descriptor)
    for client in [lines, silent] {
      let error = try await client.reply()["error"]
      #expect(error?["type"]?.string == "no_upstream")
      #expect(error?["message"]?.string?.contains("promptctl config check") == true)
      #expect(try await client.line() == nil)
    }
    #expect(try await http.response().status == 503)
    let result = await program.result()
    #expect(result.code == 78)
    #expect(result.errors.contains("\(file): listen.socket"))
  }

  @Test func aFaultyCommandLineAndAnUnfitSocketAreToldToWhoeverWaitsToo() async throws {
    let folder = try TemporaryFolder()
    for (arguments, names, code) in [
      (["--no-such-option"], "promptd", Int32(64)), ([], "unknown", 78),
    ] {
      let listening = try listeningLoopback()
      let client = try APIClient(.loopback(port: SocketAddress.port(of: listening)))
      try await client.send(APIClient.request(line))
      let program = try Program(
        "promptd", arguments, in: folder, environment: ["LISTEN_FDNAMES": names],
        inherited: listening.number)
      #expect(try await client.response().status == 503)
      #expect(await program.result().code == code)
    }
  }

  @Test func whoWaitsAtItsOwnSocketWhenItStopsIsTold() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    daemon.program.signal(SIGSTOP)
    var clients: [LineClient] = []
    for _ in 0..<100 {
      let client = try daemon.client()
      try await client.send(line)
      clients.append(client)
    }
    daemon.program.signal(SIGTERM)
    daemon.program.signal(SIGCONT)
    for client in clients {
      let reply = try await client.reply()
      #expect(reply["choices"] != nil || reply["error"]?["type"]?.string == "shutting_down")
    }
    #expect(await daemon.program.result().code == 0)
  }

  @Test func withoutConfigurationItStartsAndSaysWhatToWrite() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder, arguments: [])
    let error = try await daemon.client().ask(line)["error"]
    #expect(error?["type"]?.string == "no_upstream")
    #expect(error?["message"]?.string?.contains(folder["promptd.toml"]) == true)
    #expect(await daemon.stop().code == 0)
  }

  @Test func systemdIsToldThatItLives() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder, environment: ["WATCHDOG_USEC": "100000"])
    for _ in 0..<3 { #expect(await daemon.notifications.message(with: "WATCHDOG=1") != nil) }
    #expect(await daemon.stop().code == 0)
    #expect(await daemon.notifications.message(with: "EXTEND_TIMEOUT_USEC=35000000") != nil)
  }

  @Test func aHangupHasTheConfigurationReadAgain() async throws {
    let folder = try TemporaryFolder()
    let log = "[log]\nformat = \"text\"\n"
    let daemon = try await RunningDaemon.start(
      in: folder, others: log + "[queue]\nmax_queued = 5\n")
    let changed = RunningDaemon.configuration(
      in: folder, others: log + "[queue]\nmax_queued = 6\n")
    for text in [changed, changed + "[cache]\n"] {
      try folder.write(text, to: "promptd.toml")
      daemon.program.signal(SIGHUP)
      let begin = await daemon.notifications.message(with: "RELOADING=1")
      #expect(begin?.contains("MONOTONIC_USEC=") == true)
      #expect(await daemon.notifications.message(with: "READY=1") != nil)
      let status = try await daemon.client().ask(ChatLine.call(1, "status"))["result"]
      #expect(status?["queue"]?["max_queued"]?.int == 6)
    }
    let result = await daemon.stop()
    #expect(result.code == 0)
    #expect(result.errors.contains("queue.max_queued: 5 -> 6"))
    #expect(result.errors.contains("configuration not taken over"))
  }

  @Test func aReloadIsOneCommand() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder, others: "[queue]\nmax_queued = 5\n")
    func reload(_ text: String) async throws -> Program.Result {
      try folder.write(
        RunningDaemon.configuration(in: folder, others: text), to: "promptd.toml")
      return await (try Program("promptctl", ["reload", "--socket", daemon.socket], in: folder))
        .result()
    }
    #expect(try await reload("[queue]\nmax_queued = 5\n").output == "nothing has changed\n")
    let changed = try await reload("[queue]\nmax_queued = 6\n[log]\nformat = \"json\"\n")
    #expect(changed.output == "changed: queue.max_queued\nneeds a restart: log.format\n")
    let faulty = try await reload("[queue]\nmax_queued = -1\n")
    #expect(faulty.code == 78 && faulty.errors.contains("queue.max_queued"))
    #expect(await daemon.stop().code == 0)
  }

  @Test func allFaultsOfAConfigurationAreNamedAtOnce() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      """
      [listen]
      sockte = "/tmp/x"
      [[upstream]]
      name = "a"
      base_url = "https://a.example/v1"
      api_key = "sk-secret-of-mine"
      max_concurrent = "many"
      [[upstream]]
      name = "b"
      base_url = "https://b.example/v1"
      api_key_file = "\(folder["missing"])"
      """, to: "bad.toml")
    let result = await (try Program("promptd", ["--config", file], in: folder)).result()
    #expect(result.code == 78)
    for name in [
      "listen.sockte", "upstream[0].api_key", "upstream[0].max_concurrent",
      "upstream[1].api_key_file",
    ] {
      #expect(result.errors.contains("\(file): \(name)"), "\(name) in \(result.errors)")
    }
    #expect(!result.errors.contains("sk-secret-of-mine"))
  }

  @Test func theKeyIsNowhere() async throws {
    let folder = try TemporaryFolder()
    let key = "sk-never-to-be-seen-0123456789"
    try folder.write(key, to: "key")
    let sandbox = try Program(
      "promptd-sandbox", ["--socket", folder["api.sock"]], in: folder)
    let upstream = """
      [log]
      level = "debug"
      format = "json"
      [[upstream]]
      name = "sandbox"
      base_url = "unix:\(folder["api.sock"]):/v1"
      api_key_file = "\(folder["key"])"
      """
    let daemon = try await RunningDaemon.start(
      in: folder, arguments: [], cache: "keep_sandbox = true", others: upstream)
    let client = try daemon.client()
    var replies: [String] = []
    for text in [
      line, ChatLine.bare("x", model: "sandbox/status?code=401"),
      ChatLine.bare("x", model: "sandbox/garbage"), ChatLine.call(1, "status"),
      ChatLine.call(2, "cache.stats"), ChatLine.call(3, "metrics"), ChatLine.call(4, "reload"),
      ChatLine.call(5, "queue.list"),
    ] {
      try await client.send(text)
      replies.append(try await client.line() ?? "")
    }
    #expect(replies[0].contains(#""cache":"miss""#), "\(replies[0])")
    let status = try JSONTree(parsing: Array(replies[3].utf8))["result"]
    let process = "/proc/\(try #require(status?["pid"]?.int))"
    for file in ["environ", "cmdline"] {
      let grep = try Program("/bin/grep", ["-c", key, "\(process)/\(file)"], in: folder)
      #expect(await grep.result().code == 1, "\(file)")
    }
    let limits = await (try Program("/bin/cat", ["\(process)/limits"], in: folder)).result().output
    #expect(limits.contains(/Max core file size +0 +0/))
    let result = await daemon.stop()
    sandbox.signal(SIGTERM)
    _ = await sandbox.result()
    #expect(!replies.joined().contains(key))
    #expect(!result.errors.contains(key))
    for file in ["cache.sqlite", "cache.sqlite-wal", "state.sqlite", "state.sqlite-wal"]
    where access(folder[file], F_OK) == 0 {
      let grep = try Program("/bin/grep", ["-c", key, folder[file]], in: folder)
      #expect(await grep.result().code == 1)
    }
  }
}

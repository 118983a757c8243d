import Glibc
import JSON
import TestSupport
import Testing

/// The method `watch` and `promptctl log` against the built daemon.
@Suite(.timeLimit(.minutes(1)))
struct LogCommandTests {
  private let watch = ChatLine.call(1, "watch", #"{"topics":["log"]}"#)

  @Test func whoeverWatchesIsToldWhatTheLogIsTold() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let (watcher, client) = (try daemon.client(), try daemon.client())
    try await watcher.watchLog()
    #expect(try await client.ask(ChatLine.bare("a secret"))["choices"] != nil)
    let told = try await watcher.entry("call ended")
    #expect(told?["topic"]?.string == "log")
    #expect(told?["id"]?.int == 1)
    #expect(told?["entry"]?["cache"]?.string == "miss")
    #expect(told?["entry"]?["uid"]?.string == String(geteuid()))
    #expect(told?.text.contains("a secret") == false)
    #expect(await daemon.stop().code == 0)
    var last: JSONTree?
    while let line = try await watcher.line() { last = try JSONTree(parsing: Array(line.utf8)) }
    #expect(last?["id"]?.int == 1)
    #expect(last?["error"]?["data"]?["type"]?.string == "shutting_down")
  }

  @Test func theLevelIsWhatTheLogGoesByAndAQuieterOneIsSaidFirst() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let (watcher, client) = (try daemon.client(), try daemon.client())
    try await watcher.watchLog()
    func change(to level: String) async throws {
      let reply = try await client.ask(ChatLine.call(3, "log.level", #"{"level":"\#(level)"}"#))
      #expect(reply["result"]?["level"]?.string == level)
    }
    try await change(to: "debug")
    #expect(try await watcher.entry("log level changed")?["entry"]?["detail"] != nil)
    for _ in 0..<2 { _ = try await client.ask(ChatLine.bare("x")) }
    #expect(try await watcher.entry("answered")?["entry"]?["cache"]?.string == "hit")
    try await change(to: "warning")
    let told = try await watcher.entry("log level changed")
    #expect(told?["entry"]?["detail"]?.string == "from debug to warning")
    // At warning, neither calls nor pauses are told of.
    _ = try await client.ask(ChatLine.bare("y"))
    try await change(to: "notice")
    #expect(
      try await watcher.reply()["params"]?["entry"]?["message"]?.string == "log level changed")
    #expect(await daemon.stop().code == 0)
  }

  @Test func aWatchEndsWhenItIsCancelled() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let watcher = try daemon.client()
    try await watcher.send(watch)
    let cancelled = try await watcher.ask(ChatLine.call(2, "chat.cancel", #"{"id":1}"#))
    #expect(cancelled["result"]?["cancelled"]?.bool == true)
    let end = try await watcher.reply()
    #expect(end["id"]?.int == 1)
    #expect(end["error"]?["data"]?["type"]?.string == "cancelled")
    #expect(await daemon.stop().code == 0)
  }

  @Test(.enabled(if: geteuid() == 0, "being several users needs root"))
  func whoIsNoAdministratorSeesItsOwnClientAloneAlsoAfterAReload() async throws {
    let folder = try TemporaryFolder()
    chmod(folder.path, 0o755)
    let listen = #"mode = "0666""#
    func rules(_ isAdmin: Bool) -> String {
      "[[client]]\nname = \"other\"\nuser = \"nobody\"\nadmin = \(isAdmin)\n"
    }
    let daemon = try await RunningDaemon.start(in: folder, others: rules(true), listen: listen)
    let watcher = try LineClient(daemon.socket, as: UserThread(65534, groups: [65534]))
    let client = try daemon.client()
    try await watcher.send(watch)
    #expect(try await watcher.ask(ChatLine.call(2, "ping"))["result"]?["client"]?.string == "other")
    #expect(try await client.ask(ChatLine.bare("root's"))["choices"] != nil)
    #expect(try await watcher.entry("call ended")?["entry"]?["client"]?.string == "root")

    try folder.write(
      RunningDaemon.configuration(in: folder, others: rules(false), listen: listen),
      to: "promptd.toml")
    #expect(try await client.ask(ChatLine.call(1, "reload"))["result"] != nil)
    #expect(try await client.ask(ChatLine.bare("root's again"))["choices"] != nil)
    try await watcher.send(ChatLine.bare("its own"))
    while let line = try await watcher.line() {
      let reply = try JSONTree(parsing: Array(line.utf8))
      let seen = reply["params"]?["entry"]
      guard seen?["message"]?.string == "call ended" else { continue }
      #expect(seen?["client"]?.string == "other")
      break
    }
    #expect(await daemon.stop().code == 0)
  }

  @Test func aConnectionWatchesOnceAndAUserNotWithoutEnd() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    var watchers: [LineClient] = []
    for number in 0..<9 {
      let client = try daemon.client()
      try await client.send(watch)
      let error = try await client.ask(ChatLine.call(2, "watch", #"{"topics":["log"]}"#))["error"]
      #expect(error?["message"]?.string?.contains(number < 8 ? "already" : "8 times") == true)
      watchers.append(client)
    }
    #expect(watchers.count == 9)
    #expect(await daemon.stop().code == 0)
  }

  @Test func aTopicThatIsNotThereIsRefused() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let client = try daemon.client()
    for (params, param) in [
      (#"{"topics":["weather"]}"#, "topics[0]"), (#"{"topics":[]}"#, "topics"), ("{}", "topics"),
    ] {
      let error = try await client.ask(ChatLine.call(1, "watch", params))["error"]
      #expect(error?["code"]?.int == -32602)
      #expect(error?["data"]?["param"]?.string == param)
    }
    #expect(await daemon.stop().code == 0)
  }

  @Test func thePromptctlOfAWatcherPrintsWhatIsMeantAndEndsWithTheDaemon() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let people = try Program(
      "promptctl", ["log", "--model", "sandbox/echo", "--socket", daemon.socket], in: folder)
    let machines = try Program(
      "promptctl", ["log", "--json", "--cache", "miss", "--socket", daemon.socket], in: folder)
    let client = try daemon.client()
    var count = 0
    while !people.output.contains("call ended") || !machines.output.contains("call ended") {
      count += 1
      for model in ["sandbox/echo", "sandbox/slow?first_byte_ms=1"] {
        #expect(try await client.ask(ChatLine.bare("\(count)", model: model))["choices"] != nil)
      }
    }
    #expect(await daemon.stop().code == 0)
    let (page, lines) = (await people.result(), await machines.result())
    #expect(page.code == 75)
    #expect(page.output.contains("model=sandbox/echo"))
    #expect(!page.output.contains("sandbox/slow"))
    #expect(lines.code == 75)
    for line in lines.output.split(separator: "\n") {
      let entry = try JSONTree(parsing: Array(line.utf8))
      #expect(entry["cache"]?.string == "miss")
      #expect(entry["time"]?.string?.hasSuffix("Z") == true)
    }
  }

  @Test func answersWithoutACallAreLoggedAtLevelDebug() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder, others: "[log]\nlevel = \"debug\"")
    let (watcher, client) = (try daemon.client(), try daemon.client())
    try await watcher.send(watch)
    #expect(try await watcher.ask(ChatLine.call(2, "ping"))["result"] != nil)
    let line = ChatLine.bare("x")
    for _ in 0..<2 { #expect(try await client.ask(line)["choices"] != nil) }
    let told = try await watcher.entry("answered")?["entry"]
    #expect(told?["cache"]?.string == "hit")
    #expect(told?["level"]?.string == "debug")
    #expect(await daemon.stop().code == 0)
  }

  @Test func theConfigurationInForceIsShownWithoutSecrets() async throws {
    let folder = try TemporaryFolder()
    let others = """
      [queue]
      max_queued = 7
      [[upstream]]
      name = "a"
      base_url = "https://a.example/v1"
      auth = "none"
      proxy = "http://user:secret@proxy.example:3128"
      """
    let daemon = try await RunningDaemon.start(in: folder, others: others)
    let shown = try Program("promptctl", ["config", "show", "--socket", daemon.socket], in: folder)
    let text = await shown.result().output
    #expect(text.contains("queue.max_queued"))
    #expect(text.contains(folder["promptd.toml"]))
    #expect(text.contains("(not shown)") && !text.contains("secret"))
    #expect(await daemon.stop().code == 0)
  }
}

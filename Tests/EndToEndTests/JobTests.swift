import Foundation
import JSON
import TestSupport
import Testing

/// Jobs through the built daemon.
@Suite(.timeLimit(.minutes(2)))
struct JobTests {
  private func submit(_ body: String, _ id: Int = 1) -> String {
    ChatLine.call(id, "job.submit", body)
  }

  private func job(_ method: String, _ name: String, _ id: Int = 9) -> String {
    ChatLine.call(id, "job.\(method)", #"{"job":"\#(name)"}"#)
  }

  @Test func aJobIsDoneAfterItsClientHasGone() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let first = try daemon.client()
    let accepted = try await first.ask(submit(ChatLine.bare("hello")))["result"]
    let name = try #require(accepted?["job"]?.string)
    #expect(name.hasPrefix("j-"))
    first.close()
    let done = try await daemon.client().ask(job("wait", name))["result"]
    #expect(done?["state"]?.string == "done")
    #expect(done?["result"]?["choices"]?[0]?["message"]?["content"]?.string == "hello")
    #expect(done?["result"]?["promptd"]?["cache"]?.string == "miss")
    let again = try await daemon.client().ask(job("get", name))["result"]
    #expect(again == done)
    #expect(await daemon.stop().code == 0)
  }

  @Test func whatWasAcceptedOutlivesKillsAndEndsOnce() async throws {
    let folder = try TemporaryFolder()
    let keep = "keep_sandbox = true"
    var names: [String] = []
    for round in 0..<5 {
      let daemon = try await RunningDaemon.start(in: folder, cache: keep)
      let client = try daemon.client()
      for number in 0..<20 {
        let body = ChatLine.bare("\(round) \(number)", model: "sandbox/slow?first_byte_ms=20")
        try await client.send(submit(body, number))
      }
      for _ in 0..<20 {
        names.append(try #require(try await client.reply()["result"]?["job"]?.string))
      }
      daemon.program.signal(SIGKILL)
      #expect(await daemon.program.result().code == -SIGKILL)
    }
    #expect(Set(names).count == 100)
    let daemon = try await RunningDaemon.start(in: folder, cache: keep)
    let client = try daemon.client()
    for (index, name) in names.enumerated() {
      let done = try await client.ask(job("wait", name))["result"]
      #expect(done?["state"]?.string == "done")
      let content = done?["result"]?["choices"]?[0]?["message"]?["content"]?.string
      #expect(content == "\(index / 20) \(index % 20)" || index % 20 != 0)
    }
    let rows = try await client.ask(ChatLine.call(1, "job.list"))["result"]?["rows"]?.array
    #expect(rows?.count == 100)
    #expect(rows?.allSatisfy { $0["state"]?.string == "done" } == true)
    #expect(await daemon.stop().code == 0)
  }

  @Test func aJobThatTheDaemonBeforeFinishesIsNotDoneTwice() async throws {
    let folder = try TemporaryFolder()
    let completion =
      #"{"id":"c","choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"}]}"#
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: \(completion.utf8.count)\r\n\r\n\(completion)"
    try await ScriptedUpstream.run(
      .unixSocket(folder["script.sock"]), { _, _ in [.pause, .send(answer)] }
    ) { upstream in
      let others = """
        [[upstream]]
        name = "scripted"
        base_url = "\(upstream.baseURL)"
        auth = "none"
        """
      let old = try await RunningDaemon.start(in: folder, arguments: [], others: others)
      let client = try old.client()
      try await client.watchLog(7)
      let accepted = try await old.client().ask(submit(ChatLine.bare("x")))["result"]
      let name = try #require(accepted?["job"]?.string)
      await upstream.log.waitUntil { $0.paused == 1 }
      old.program.signal(SIGTERM)
      _ = try await client.entry("stopping")
      // Its socket is free from now on, and it still works.
      let new = try await RunningDaemon.start(in: folder, arguments: [], others: others)
      upstream.letGoOn()
      let done = try await new.client().ask(job("wait", name))["result"]
      #expect(done?["state"]?.string == "done")
      #expect(upstream.log.value.count == 1)
      // With its end its usage is on disk.
      #expect(await old.program.result().code == 0)
      let usage = try await new.client().ask(ChatLine.call(1, "usage", #"{"by":[]}"#))["result"]
      #expect(usage?["rows"]?[0]?["calls"]?.int == 1)
      #expect(await new.stop().code == 0)
    }
  }

  @Test func whatCouldNotBeReadAtTheStartIsDoneOnceItCan() async throws {
    let folder = try TemporaryFolder()
    var daemon = try await RunningDaemon.start(in: folder)
    let slow = ChatLine.bare("x", model: "sandbox/slow?first_byte_ms=1500")
    let accepted = try await daemon.client().ask(submit(slow))["result"]
    let name = try #require(accepted?["job"]?.string)
    daemon.program.signal(SIGKILL)
    _ = await daemon.program.result()
    // A folder stands where the file belongs.
    for suffix in ["", "-wal", "-shm"] where access(folder["state.sqlite\(suffix)"], F_OK) == 0 {
      #expect(rename(folder["state.sqlite\(suffix)"], folder["kept\(suffix)"]) == 0)
    }
    try folder.makeFolder("state.sqlite")
    daemon = try await RunningDaemon.start(in: folder)
    let client = try daemon.client()
    #expect(try await client.ask(submit(slow))["error"]?["code"]?.int == -32034)
    let store = try await client.ask(ChatLine.call(1, "status"))["result"]?["store"]
    #expect(store?["jobs"]?.string?.hasPrefix("degraded: ") == true)
    let watcher = try daemon.client()
    try await watcher.watchLog()
    try folder.remove("state.sqlite")
    for suffix in ["", "-wal", "-shm"] where access(folder["kept\(suffix)"], F_OK) == 0 {
      #expect(rename(folder["kept\(suffix)"], folder["state.sqlite\(suffix)"]) == 0)
    }
    // Nobody submits anything: it is looked for again.
    _ = try await watcher.entry("jobs written again")
    let done = try await client.ask(job("wait", name))["result"]
    #expect(done?["state"]?.string == "done")
    let healed = try await client.ask(ChatLine.call(1, "status"))["result"]?["store"]
    #expect(healed?["jobs"]?.string == "serving")
    #expect(await daemon.stop().code == 0)
  }

  @Test func jobsThatCannotBeReadAreSaidSoOnceAlthoughTheFileCanBeWritten() async throws {
    let folder = try TemporaryFolder()
    let others = "[service]\nstop_timeout = \"100ms\""
    var daemon = try await RunningDaemon.start(in: folder, others: others)
    let long = String(repeating: "x", count: 40_000)
    let body = ChatLine.bare(long, model: "sandbox/silent")
    #expect(try await daemon.client().ask(submit(body))["result"]?["job"] != nil)
    #expect(await daemon.stop().code == 0)
    try damagePage(of: UInt8(ascii: "x"), in: folder["state.sqlite"])
    daemon = try await RunningDaemon.start(in: folder, others: others)
    let client = try daemon.client()
    // After the third fault it is known what was made of the second.
    var page: String?
    while page?.contains(#"promptd_store_faults_total{file="jobs"} 3"#) != true {
      page = try await client.ask(ChatLine.call(1, "metrics"))["result"]?["openmetrics"]?.string
    }
    let store = try await client.ask(ChatLine.call(1, "status"))["result"]?["store"]
    #expect(store?["jobs"]?.string?.hasPrefix("degraded: ") == true)
    let log = await daemon.stop().errors
    #expect(log.components(separatedBy: "jobs not written").count == 2)
    #expect(!log.contains("jobs written again"))
  }

  /// Cuts off what goes on behind the first page that holds nothing but this byte: such a page begins
  /// with the number of the next (sqlite.org/fileformat, 1.6).
  private func damagePage(of byte: UInt8, in path: String) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let size = Int(bytes[16]) << 8 | Int(bytes[17])
    let page = stride(from: 0, to: bytes.count, by: size).first { start in
      bytes[start + 4..<start + size].allSatisfy { $0 == byte }
    }
    let start = try #require(page)
    for index in start..<start + 4 { bytes[index] = 0 }
    try Data(bytes).write(to: URL(filePath: path))
  }

  @Test func aSecondSubmissionOfAKeyIsTheFirstJob() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let client = try daemon.client()
    let body = ChatLine.bare("x", more: #","promptd":{"idempotency_key":"k"}"#)
    let first = try await client.ask(submit(body))["result"]?["job"]?.string
    let second = try await client.ask(submit(body))["result"]?["job"]?.string
    #expect(first != nil && first == second)
    let chat = try await client.ask(body)["error"]
    #expect(chat?["param"]?.string == "promptd.idempotency_key")
    #expect(await daemon.stop().code == 0)
  }

  @Test func aCancelledJobEndsAsThatWhereverItIs() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let client = try daemon.client()
    let body = ChatLine.bare("x", model: "sandbox/silent")
    let name = try #require(try await client.ask(submit(body))["result"]?["job"]?.string)
    while try await client.ask(job("get", name))["result"]?["state"]?.string != "running" {}
    let waiter = try daemon.client()
    try await waiter.send(job("wait", name))
    let cancelled = try await client.ask(job("cancel", name))["result"]
    #expect(cancelled?["cancelled"]?.bool == true)
    let end = try await waiter.reply()["result"]
    #expect(end?["state"]?.string == "cancelled")
    #expect(end?["error"]?["error"]?["type"]?.string == "cancelled")
    #expect(try await client.ask(job("cancel", name))["result"]?["cancelled"]?.bool == false)
    while try await client.ask(ChatLine.call(1, "status"))["result"]?["queue"]?["running"]?.int != 0
    {}
    #expect(await daemon.stop().code == 0)
  }

  @Test func aJobThatFailsKeepsItsErrorAndABadOneIsNotAccepted() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let client = try daemon.client()
    let body = ChatLine.bare("x", model: "sandbox/status?code=418")
    let name = try #require(try await client.ask(submit(body))["result"]?["job"]?.string)
    let failed = try await client.ask(job("wait", name))["result"]
    #expect(failed?["state"]?.string == "failed")
    #expect(failed?["error"]?["error"]?["type"]?.string == "upstream_error")
    let refused = try await client.ask(submit(ChatLine.bare("x", more: #","n":0"#)))["error"]
    #expect(refused?["data"]?["param"]?.string == "n")
    #expect(await daemon.stop().code == 0)
  }

  @Test func whoeverWaitsWhenTheDaemonStopsIsToldAndTheNextStartGoesOn() async throws {
    let folder = try TemporaryFolder()
    let others = "[service]\nstop_timeout = \"100ms\""
    let daemon = try await RunningDaemon.start(in: folder, others: others)
    let client = try daemon.client()
    let body = ChatLine.bare("x", model: "sandbox/slow?first_byte_ms=60000")
    let name = try #require(try await client.ask(submit(body))["result"]?["job"]?.string)
    while try await client.ask(job("get", name))["result"]?["state"]?.string != "running" {}
    try await client.send(job("wait", name))
    daemon.program.signal(SIGTERM)
    #expect(try await client.reply()["error"]?["code"]?.int == -32040)
    #expect(await daemon.program.result().code == 0)
    let next = try await RunningDaemon.start(in: folder, others: others)
    let again = try next.client()
    while try await again.ask(job("get", name))["result"]?["state"]?.string != "running" {}
    #expect(await next.stop().code == 0)
  }

  @Test(.enabled(if: geteuid() == 0, "being several users needs root"))
  func anothersJobIsNoneForWhoIsNoAdministrator() async throws {
    let folder = try TemporaryFolder()
    chmod(folder.path, 0o755)
    let daemon = try await RunningDaemon.start(in: folder, listen: #"mode = "0666""#)
    let client = try daemon.client()
    let name = try #require(
      try await client.ask(submit(ChatLine.bare("secret")))["result"]?["job"]?.string)
    let other = try LineClient(daemon.socket, as: UserThread(65534, groups: [65534]))
    for method in ["get", "wait", "cancel"] {
      let error = try await other.ask(job(method, name))["error"]
      #expect(error?["message"]?.string?.contains("no job") == true)
    }
    let rows = try await other.ask(ChatLine.call(1, "job.list"))["result"]?["rows"]?.array
    #expect(rows?.isEmpty == true)
    let own = try #require(
      try await other.ask(submit(ChatLine.bare("own")))["result"]?["job"]?.string)
    #expect(try await client.ask(job("wait", own))["result"]?["state"]?.string == "done")
    #expect(await daemon.stop().code == 0)
  }

  @Test func aJobThatIsHeldBackKeepsNobodyWaitingAndIsNotCalledOnceItIsCancelled() async throws {
    let folder = try TemporaryFolder()
    let rules = """
      [prices."m"]
      input = 1000000.0
      output = 1000000.0
      [default_client]
      tokens_per_day = 5
      """
    let daemon = try await RunningDaemon.start(in: folder, others: rules)
    let client = try daemon.client()
    // The first spends the budget, and the second waits for tomorrow.
    #expect(try await client.ask(ChatLine.bare("one two three four five"))["choices"] != nil)
    let held = try #require(
      try await client.ask(submit(ChatLine.bare("held")))["result"]?["job"]?.string)
    #expect(try await client.ask(job("get", held))["result"]?["state"]?.string == "queued")
    let cancelled = try await client.ask(job("cancel", held))["result"]
    #expect(cancelled?["cancelled"]?.bool == true)
    let status = try await client.ask(ChatLine.call(1, "status"))["result"]
    #expect(status?["requests"]?["misses"]?.int == 1)
    #expect(await daemon.stop().code == 0)
  }

  @Test(.enabled(if: geteuid() == 0, "being several users needs root"))
  func aJobGoesByTheRulesOfWhoeverSubmittedIt() async throws {
    let folder = try TemporaryFolder()
    chmod(folder.path, 0o755)
    let rules = """
      [[client]]
      user = "nobody"
      cache = "private"
      [default_client]
      models = ["none"]
      """
    let daemon = try await RunningDaemon.start(
      in: folder, cache: "keep_sandbox = true", others: rules, listen: #"mode = "0666""#)
    let other = try LineClient(daemon.socket, as: UserThread(65534, groups: [65534]))
    let name = try #require(
      try await other.ask(submit(ChatLine.bare("private")))["result"]?["job"]?.string)
    let done = try await other.ask(job("wait", name))["result"]
    #expect(done?["state"]?.string == "done")
    #expect(done?["result"]?["promptd"]?["client"]?.string == "nobody")
    // Its own answer, and nobody else's.
    #expect(try await other.ask(ChatLine.bare("private"))["promptd"]?["cache"]?.string == "hit")
    let only = ChatLine.bare("private", more: #","promptd":{"cache":"only"}"#)
    let stranger = try LineClient(daemon.socket, as: UserThread(12345, groups: [12345]))
    #expect(try await stranger.ask(only)["error"] != nil)
    #expect(await daemon.stop().code == 0)
  }

  @Test func aDiskThatTakesJobsAgainIsFoundOutWithoutOne() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let (client, watcher) = (try daemon.client(), try daemon.client())
    try await watcher.watchLog()
    for suffix in ["", "-wal", "-shm"] { unlink(folder["state.sqlite\(suffix)"]) }
    try folder.makeFolder("state.sqlite")
    #expect(try await client.ask(submit(ChatLine.bare("x")))["error"]?["code"]?.int == -32034)
    try folder.remove("state.sqlite")
    _ = try await watcher.entry("jobs written again")
    let store = try await client.ask(ChatLine.call(1, "status"))["result"]?["store"]
    #expect(store?["jobs"]?.string == "serving")
    #expect(await daemon.stop().code == 0)
  }

  @Test func aStateFileThatIsReplacedStopsNoNewJob() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let client = try daemon.client()
    let first = try await client.ask(submit(ChatLine.bare("first")))["result"]?["job"]?.string
    #expect(try await client.ask(job("wait", try #require(first)))["result"] != nil)
    for suffix in ["", "-wal", "-shm"] { unlink(folder["state.sqlite\(suffix)"]) }
    let second = try await client.ask(submit(ChatLine.bare("second")))["result"]?["job"]?.string
    let done = try await client.ask(job("wait", try #require(second)))["result"]
    #expect(done?["state"]?.string == "done")
    #expect(await daemon.stop().code == 0)
  }
}

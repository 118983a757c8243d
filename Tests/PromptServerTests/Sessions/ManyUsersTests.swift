import Glibc
import JSON
import PromptSandbox
import TestSupport
import Testing

/// One account shared by several people, each a user of the machine: what takes root to try.
@Suite(.enabled(if: UserThread.isPossible))
struct ManyUsersTests {
  private let batch = UserThread(10_001, groups: [10_001])
  private let person = UserThread(10_002, groups: [10_002])
  private let colleague = UserThread(10_003, groups: [10_003, 20_000])

  private let rules = """
    [[client]]
    name = "batch"
    user = "10001"
    priority = "low"
    max_queued = 60

    [[client]]
    name = "person"
    user = "10002"
    max_priority = "urgent"

    [[client]]
    name = "team"
    group = "20000"
    weight = 3


    """

  /// A daemon with one slot that every user may connect to.
  private func run(
    others: String = "", upstream: String = "max_concurrent = 1", in folder: TemporaryFolder? = nil,
    _ body: (DaemonFixture) async throws -> Void
  ) async throws {
    let folder = try folder ?? TemporaryFolder()
    chmod(folder.path, 0o711)
    try await DaemonFixture.run(
      listen: #"mode = "0666""#, others: rules + others, upstream: upstream, in: folder, body)
  }

  /// A body that takes a moment, from somebody.
  private func line(_ who: String, _ number: Int, more: String = "") -> String {
    ChatLine.bare("\(who) \(number).", model: "sandbox/slow?first_byte_ms=5", more: more)
  }

  /// Holds the only slot until it is closed.
  private func occupy(_ daemon: DaemonFixture) async throws -> LineClient {
    let client = try daemon.client()
    try await client.send(ChatLine.bare("first", model: "sandbox/silent"))
    await daemon.sandbox.calls.waitUntil { $0.running == 1 }
    return client
  }

  /// Who started, in order.
  private func starts(_ daemon: DaemonFixture, _ count: Int) async -> [String] {
    await daemon.sandbox.calls.waitUntil { $0.started == count }.bodies.map { body in
      ["first", "batch", "person", "team"].first { body.contains(#""content":"\#($0)"#) } ?? body
    }
  }

  @Test func everybodyIsWhoTheKernelSays() async throws {
    try await run { daemon in
      for (user, name) in [(batch, "batch"), (person, "person"), (colleague, "team")] {
        let client = try daemon.client(as: user)
        let result = try await client.ask(ChatLine.call(1, "ping"))["result"]
        #expect(result?["client"]?.string == name)
      }
      let stranger = UserThread(10_004, groups: [10_004])
      let result = try await daemon.client(as: stranger).ask(ChatLine.call(1, "ping"))["result"]
      #expect(result?["client"]?.string == "10004")
    }
  }

  @Test func theUrgentIsNextBehindABatch() async throws {
    try await run { daemon in
      let first = try await occupy(daemon)
      let (many, one) = try (daemon.client(as: batch), daemon.client(as: person))
      for number in 0..<50 { try await many.send(line("batch", number)) }
      try await daemon.waitUntilQueued(50)
      try await one.send(line("person", 0, more: #","promptd":{"priority":"urgent"}"#))
      try await daemon.waitUntilQueued(51)
      first.close()
      #expect(await starts(daemon, 52)[1] == "person")
    }
  }

  @Test func threeRequestsAreNotBuriedByFifty() async throws {
    try await run { daemon in
      let first = try await occupy(daemon)
      let (many, few) = try (daemon.client(as: batch), daemon.client(as: person))
      for number in 0..<50 { try await many.send(line("batch", number)) }
      try await daemon.waitUntilQueued(50)
      for number in 0..<3 {
        try await few.send(line("person", number, more: #","promptd":{"priority":"low"}"#))
      }
      try await daemon.waitUntilQueued(53)
      first.close()
      let order = await starts(daemon, 54)
      #expect(try #require(order.lastIndex(of: "person")) <= 7)
    }
  }

  @Test func aWeightOfThreeIsThreeTurns() async throws {
    try await run { daemon in
      let first = try await occupy(daemon)
      let (heavy, light) = try (daemon.client(as: colleague), daemon.client(as: person))
      for number in 0..<40 {
        try await heavy.send(line("team", 100 + number))
        try await light.send(line("person", 100 + number))
      }
      try await daemon.waitUntilQueued(80)
      first.close()
      let order = await starts(daemon, 41)
      #expect((28...32).contains(order.prefix(41).count { $0 == "team" }))
    }
  }

  @Test func waitingLiftsALowRequestAmongNormalOnes() async throws {
    try await run(others: "[queue]\nage_step = \"1s\"\n") { daemon in
      let first = try await occupy(daemon)
      let (low, others) = try (daemon.client(as: batch), daemon.client(as: person))
      try await low.send(line("batch", 0))
      try await daemon.waitUntilQueued(1)
      // After two seconds it stands among the high ones, where the others cannot be before it.
      let rows = {
        try await daemon.client().ask(ChatLine.call(1, "queue.list"))["result"]?["rows"]
      }
      while try await rows()?.array?[1]["waited_ms"]?.int ?? 0 < 2_100 { await Task.yield() }
      for number in 0..<20 { try await others.send(line("person", number)) }
      try await daemon.waitUntilQueued(21)
      first.close()
      #expect(await starts(daemon, 22)[1] == "batch")
    }
  }

  @Test func hugePromptsAreFewTurns() async throws {
    try await run { daemon in
      let first = try await occupy(daemon)
      let (huge, small) = try (daemon.client(as: person), daemon.client(as: colleague))
      // Their weights are one and three, so a prompt of thrice the tokens is nine turns.
      let words = String(repeating: "many words ", count: 2000)
      for number in 0..<5 {
        try await huge.send(line("person", 100 + number, more: #","user":"\#(words)""#))
      }
      for number in 0..<60 { try await small.send(line("team", 100 + number)) }
      try await daemon.waitUntilQueued(65)
      first.close()
      let order = await starts(daemon, 40)
      #expect((1...3).contains(order.count { $0 == "person" }))
    }
  }

  @Test func theUrgentFindsAFreeSlotBesideIdleOnes() async throws {
    try await run(upstream: "max_concurrent = 4") { daemon in
      let (many, one) = try (daemon.client(as: batch), daemon.client(as: person))
      for number in 0..<30 {
        let idle = #","promptd":{"priority":"idle"}"#
        try await many.send(ChatLine.bare("batch \(number).", model: "sandbox/silent", more: idle))
      }
      try await daemon.waitUntilQueued(28)
      let urgent = #","promptd":{"priority":"urgent"}"#
      #expect(try await one.ask(line("person", 0, more: urgent))["choices"] != nil)
    }
  }

  @Test func requestsAMinuteHoldAndTheWaitIsTold() async throws {
    let limited = "max_concurrent = 4\nrequests_per_minute = 3"
    try await run(upstream: limited) { daemon in
      let client = try daemon.client(as: person)
      for number in 0..<3 {
        #expect(try await client.ask(line("person", number))["choices"] != nil)
      }
      let more = #","promptd":{"events":true}"#
      try await client.send(ChatLine.call(9, "chat", line("person", 9, more: more)))
      let event = try await client.reply()["params"]
      #expect(event?["event"]?.string == "queued")
      #expect(event?["position"]?.int == 1)
      // Three have started within the last moments: a place comes free a minute after the first.
      #expect((30_000...60_000).contains(event?["eta_ms"]?.int ?? 0))
      let rows = try await daemon.client().ask(ChatLine.call(1, "queue.list"))["result"]?["rows"]
      #expect(rows?.array?.count == 1)
      #expect(await daemon.sandbox.calls.waitUntil { _ in true }.started == 3)
    }
  }

  @Test func aFullClientIsRefusedAndNobodyElse() async throws {
    try await run { daemon in
      let first = try await occupy(daemon)
      let (many, few) = try (daemon.client(as: batch), daemon.client(as: person))
      for number in 0..<70 {
        let body = line("batch", number)
        try await many.send(ChatLine.call(number, "chat", body))
      }
      for _ in 0..<10 {
        let error = try await many.reply()["error"]
        #expect(error?["data"]?["type"]?.string == "queue_full")
        #expect(error?["data"]?["retry_after"]?.double ?? 0 >= 1)
      }
      for number in 0..<20 {
        try await few.send(ChatLine.call(number, "chat", line("person", number)))
      }
      try await daemon.waitUntilQueued(80)
      first.close()
      for _ in 0..<20 { #expect(try await few.reply()["result"]?["choices"] != nil) }
      for _ in 0..<60 { #expect(try await many.reply()["result"]?["choices"] != nil) }
    }
  }

  @Test func onesOwnRequestsAreOnesOwnAndAdministratorsMayDoAll() async throws {
    try await run { daemon in
      let first = try await occupy(daemon)
      let (mine, other, root) = try (
        daemon.client(as: person), daemon.client(as: batch), daemon.client()
      )
      try await mine.send(ChatLine.call(1, "chat", line("person", 1)))
      try await daemon.waitUntilQueued(1)
      let rows = try await root.ask(ChatLine.call(1, "queue.list"))["result"]?["rows"]
      let request = try #require(rows?.array?.first { $0["client"]?.string == "person" })
      let id = try #require(request["request"]?.string)
      for method in ["queue.move", "queue.cancel", "chat.cancel"] {
        let more = method == "queue.move" ? #","priority":"idle""# : ""
        let params = #"{"request":"\#(id)"\#(more)}"#
        let refused = try await other.ask(ChatLine.call(2, method, params))["error"]
        #expect(refused?["data"]?["type"]?.string == "forbidden", "\(method)")
      }
      for method in ["queue.pause", "queue.resume"] {
        let refused = try await mine.ask(ChatLine.call(3, method))["error"]
        #expect(refused?["data"]?["type"]?.string == "forbidden", "\(method)")
      }
      for params in [#"{"upsteam":"sandbox"}"#, #"{"name":"sandbox"}"#] {
        let refused = try await root.ask(ChatLine.call(3, "queue.pause", params))["error"]
        #expect(refused?["data"]?["type"]?.string == "invalid_params", "\(params)")
      }
      let own = try await mine.ask(
        ChatLine.call(4, "queue.move", #"{"request":"\#(id)","priority":"low"}"#))
      #expect(own["result"]?["priority"]?.string == "low")
      let moved = try await root.ask(
        ChatLine.call(5, "queue.move", #"{"request":"\#(id)","priority":"urgent"}"#))
      #expect(moved["result"]?["priority"]?.string == "urgent")
      let cancelled = try await root.ask(
        ChatLine.call(6, "queue.cancel", #"{"request":"\#(id)"}"#))
      #expect(cancelled["result"]?["cancelled"]?.bool == true)
      let told = try await mine.reply()
      #expect(told["error"]?["data"]?["type"]?.string == "cancelled")
      first.close()
    }
  }

  @Test func aBudgetOutlivesTheDaemon() async throws {
    let folder = try TemporaryFolder()
    let budget = """
      [[client]]
      name = "poor"
      user = "10005"
      tokens_per_day = 5

      """
    let poor = UserThread(10_005, groups: [10_005])
    let body = { (number: Int) in ChatLine.bare("poor \(number)") }
    try await run(others: budget, in: folder) { daemon in
      let client = try daemon.client(as: poor)
      #expect(try await client.ask(body(1))["choices"] != nil)
      let refused = try await client.ask(body(2))
      #expect(refused["error"]?["type"]?.string == "budget_exceeded")
      // What is kept costs nothing.
      #expect(try await client.ask(body(1))["promptd"]?["cache"]?.string == "hit")
    }
    try await run(others: budget, in: folder) { daemon in
      let refused = try await daemon.client(as: poor).ask(body(3))
      #expect(refused["error"]?["type"]?.string == "budget_exceeded")
      #expect(refused["promptd"]?["retry_after"]?.double ?? 0 >= 1)
      let status = try await daemon.client().ask(ChatLine.call(1, "status"))["result"]
      let row = status?["clients"]?.array?.first { $0["name"]?.string == "poor" }
      #expect(row?["tokens_today"]?.int ?? 0 >= 5)
      #expect(row?["tokens_per_day"]?.int == 5)
    }
  }
}

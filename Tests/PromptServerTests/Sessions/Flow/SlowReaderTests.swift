import JSON
import PromptSandbox
import TestSupport
import Testing

/// Clients that read slowly, or not at all.
@Suite(.timeLimit(.minutes(5))) struct SlowReaderTests {
  /// A stream of so many bytes of text.
  private func line(_ mebibytes: Int, seed: Int = 1) -> String {
    ChatLine.bare(
      "x", model: "sandbox/huge?bytes=\(mebibytes << 20)", more: #","stream":true,"seed":\#(seed)"#)
  }

  private func buffered(_ status: JSONTree) -> Int { status["buffers"]?["bytes"]?.int ?? 0 }

  /// Reads a stream to its end and returns the length of its text.
  private func length(_ client: LineClient) async throws -> Int {
    var count = 0
    while true {
      let reply = try await client.reply()
      guard reply["object"]?.string == "chat.completion.chunk" else {
        #expect(reply["object"]?.string == "chat.completion", "\(reply["error"] as Any)")
        return count
      }
      count += reply["choices"]?[0]?["delta"]?["content"]?.string?.utf8.count ?? 0
    }
  }

  @Test func theSlotIsFreeOnceTheUpstreamIsDoneAndNothingIsLost() async throws {
    try await DaemonFixture.run(upstream: "max_concurrent = 1") { daemon in
      let slow = try daemon.client()
      try await slow.send(line(4))
      await daemon.sandbox.calls.waitUntil { $0.started == 1 && $0.running == 0 }
      // Nobody has read a byte, and the next call is made.
      #expect(try await daemon.client().ask(ChatLine.bare("next"))["choices"] != nil)
      try await daemon.waitUntil { $0["queue"]?["running"]?.int == 0 && buffered($0) > 3 << 20 }
      #expect(try await length(slow) == 4 << 20)
      try await daemon.waitUntil { buffered($0) == 0 }
    }
  }

  @Test func whatIsBufferedIsGoneWithItsClient() async throws {
    try await DaemonFixture.run { daemon in
      let slow = try daemon.client()
      try await slow.send(line(4))
      try await daemon.waitUntil { buffered($0) > 3 << 20 }
      slow.close()
      try await daemon.waitUntil { buffered($0) == 0 }
    }
  }

  @Test func whoTakesNothingIsDroppedAndNobodyElse() async throws {
    try await DaemonFixture.run(listen: #"write_timeout = "1s""#) { daemon in
      let (stuck, other) = (try daemon.client(), try daemon.client())
      try await stuck.send(line(4))
      #expect(try await other.ask(ChatLine.bare("x"))["choices"] != nil)
      // Who is left are the other one, and the one that asks for the status.
      try await daemon.waitUntil { $0["connections"]?.int == 2 && buffered($0) == 0 }
      #expect(try await other.ask(ChatLine.bare("y"))["choices"] != nil)
      await #expect(throws: (any Error).self) { try await length(stuck) }
    }
  }

  @Test func maxBufferedHoldsAndTellsThoseForWhomThereIsNoRoom() async throws {
    let listen = """
      max_line_bytes = "1MiB"
      max_buffered = "16MiB"
      """
    try await DaemonFixture.run(listen: listen) { daemon in
      let slow = try (0..<8).map { _ in try daemon.client() }
      for (seed, client) in slow.enumerated() { try await client.send(line(2, seed: seed)) }
      await daemon.sandbox.calls.waitUntil { $0.started == 8 && $0.running == 0 }
      // A user has a quarter, here 4 MiB: no more waits, give or take what one turn brings.
      try await daemon.waitUntil { $0["queue"]?["running"]?.int == 0 }
      try await daemon.waitUntil { buffered($0) < 6 << 20 }
      var outcomes: [String: Int] = [:]
      for client in slow {
        var last = try await client.reply()
        while last["object"]?.string == "chat.completion.chunk" { last = try await client.reply() }
        outcomes[last["error"]?["type"]?.string ?? "whole", default: 0] += 1
      }
      #expect(outcomes["queue_full"] ?? 0 > 0)
      #expect(outcomes.keys.allSatisfy { ["queue_full", "whole"].contains($0) })
      // There is room again.
      #expect(try await daemon.client().ask(ChatLine.bare("x"))["choices"] != nil)
    }
  }

  @Test func whoIsOverrunOverHTTPIsToldOnceAndTheConnectionGoesOn() async throws {
    let listen = """
      max_line_bytes = "1MiB"
      max_buffered = "8MiB"
      """
    try await DaemonFixture.run(listen: listen) { daemon in
      let slow = try (0..<6).map { _ in try daemon.httpClient() }
      for (seed, client) in slow.enumerated() {
        try await client.send(
          APIClient.request(line(2, seed: seed))
            + Array("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n".utf8))
      }
      await daemon.sandbox.calls.waitUntil { $0.started == 6 && $0.running == 0 }
      try await daemon.waitUntil { $0["queue"]?["running"]?.int == 0 }
      var refused = 0
      for client in slow {
        let response = try await client.response()
        if !response.events.contains("[DONE]") {
          refused += 1
          let errors = try response.chunks.compactMap { $0["error"]?["type"]?.string }
          #expect(errors == ["queue_full"])
        }
        #expect(try await client.response().json["status"]?.string == "serving")
      }
      #expect(refused > 0)
    }
  }

  /// Runs `body` beside clients who do not read, and who hold all that one user may have waiting.
  private func besideTheStuck(_ body: (DaemonFixture) async throws -> Void) async throws {
    let listen = """
      max_line_bytes = "1MiB"
      max_buffered = "8MiB"
      """
    try await DaemonFixture.run(listen: listen) { daemon in
      let known = ChatLine.bare("known")
      #expect(try await daemon.client().ask(known)["choices"] != nil)
      let stuck = try (0..<6).map { _ in try daemon.client() }
      for (seed, client) in stuck.enumerated() { try await client.send(line(2, seed: seed)) }
      // A user has a quarter.
      try await daemon.waitUntil { buffered($0) >= 2 << 20 && $0["queue"]?["running"]?.int == 0 }
      try await body(daemon)
      withExtendedLifetime(stuck) {}
    }
  }

  @Test func hitsAreRefusedWhereNothingMoreMayWait() async throws {
    try await besideTheStuck { daemon in
      let known = ChatLine.bare("known")
      let error = try await daemon.client().ask(known)["error"]
      #expect(error?["type"]?.string == "queue_full")
      let response = try await daemon.httpClient().ask(known)
      #expect(response.status == 429 && response.headers["x-should-retry"] == nil)
    }
  }

  @Test func aBodyIsRefusedBeforeItsEndWhereNothingMoreMayWait() async throws {
    try await besideTheStuck { daemon in
      let client = try daemon.httpClient()
      let half =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: t\r\nContent-Length: 900000\r\n\r\n"
        + String(repeating: "x", count: 100_000)
      try await client.send(Array(half.utf8))
      #expect(try await client.response().status == 429)
    }
  }

  @Test func whoKeepsUpIsAnsweredLineByLineBesideThoseWhoDoNot() async throws {
    try await besideTheStuck { daemon in
      let client = try daemon.client()
      let count = 4000
      let pings = (0..<count).map { ChatLine.call($0, "ping") + "\n" }.joined()
      async let sent: Void = client.send(Array(pings.utf8))
      for number in 0..<count { #expect(try await client.reply()["id"]?.int == number) }
      try await sent
    }
  }

  @Test func readersOfOneAnswerShareIt() async throws {
    try await DaemonFixture.run { daemon in
      let slow = try (0..<20).map { _ in try daemon.client() }
      for client in slow { try await client.send(line(2)) }
      await daemon.sandbox.calls.waitUntil { $0.started == 1 && $0.running == 0 }
      for client in slow { #expect(try await length(client) == 2 << 20) }
    }
  }

  /// Waits until nothing is under way, and returns the most bytes that waited meanwhile.
  private func mostWaiting(_ daemon: DaemonFixture, calls: Int) async throws -> Int {
    var most = 0
    await daemon.sandbox.calls.waitUntil { $0.started == calls && $0.running == 0 }
    try await daemon.waitUntil {
      most = max(most, buffered($0))
      return $0["queue"]?["running"]?.int == 0
    }
    return most
  }

  @Test func aLongAnswerIsToldToNoMoreReadersThanMayWait() async throws {
    let listen = """
      max_line_bytes = "1MiB"
      max_buffered = "16MiB"
      """
    try await DaemonFixture.run(listen: listen) { daemon in
      let line = ChatLine.bare("x", model: "sandbox/huge?bytes=\(1 << 20)")
      let (slow, web) = (
        try (0..<8).map { _ in try daemon.client() },
        try (0..<8).map { _ in try daemon.httpClient() }
      )
      for client in slow { try await client.send(line) }
      for client in web { try await client.send(APIClient.request(line)) }
      // A user has a quarter, here 4 MiB; the last one of each loop may go past it.
      #expect(try await mostWaiting(daemon, calls: 1) <= 7 << 20)
      var refused = 0
      for client in slow {
        let reply = try await client.reply()
        guard reply["error"] == nil else {
          #expect(reply["error"]?["type"]?.string == "queue_full")
          #expect(reply["promptd"]?["request"] != nil)
          refused += 1
          continue
        }
        #expect(reply["choices"]?[0]?["message"]?["content"]?.string?.utf8.count == 1 << 20)
      }
      for client in web {
        let response = try await client.response()
        guard response.status == 200 else {
          #expect(response.status == 429)
          refused += 1
          continue
        }
        #expect(try response.content?.utf8.count == 1 << 20)
      }
      #expect((8...13).contains(refused), "\(refused)")
      // There is room again.
      try await daemon.waitUntil { buffered($0) == 0 }
    }
  }

  @Test func longAnswersBehindEachOtherAllArrive() async throws {
    try await DaemonFixture.run { daemon in
      let (client, web) = (try daemon.client(), try daemon.httpClient())
      let size = 200_000
      let line = ChatLine.bare("x", model: "sandbox/huge?bytes=\(size)")
      let short = ChatLine.bare("short")
      for body in [line, short] { #expect(try await client.ask(body)["choices"] != nil) }
      let count = 50
      async let sent: Void = {
        let lines = (0..<count).map { "\($0 % 5 == 4 ? short : line)\n" }.joined()
        try await client.send(Array(lines.utf8))
        for number in 0..<count {
          try await web.send(APIClient.request(number % 5 == 4 ? short : line))
        }
      }()
      for number in 0..<count {
        let reply = try await client.reply()["choices"]?[0]?["message"]?["content"]?.string
        #expect(reply?.utf8.count == (number % 5 == 4 ? 5 : size))
      }
      for number in 0..<count {
        #expect(try await web.response().content?.utf8.count == (number % 5 == 4 ? 5 : size))
      }
      try await sent
    }
  }

  @Test func longResultsThatNobodyReadsStayWithinWhatMayWait() async throws {
    let listen = """
      max_line_bytes = "1MiB"
      max_buffered = "8MiB"
      """
    try await DaemonFixture.run(listen: listen) { daemon in
      let client = try daemon.client()
      let body = ChatLine.bare("x", model: "sandbox/huge?bytes=\(1 << 20)")
      let job = try await client.ask(ChatLine.call(1, "job.submit", body))["result"]?["job"]
      let name = #"{"job":"\#(job?.string ?? "")"}"#
      #expect(try await client.ask(ChatLine.call(2, "job.wait", name))["result"] != nil)
      let count = 20
      // At once: behind a result that is not read, no more lines are.
      let lines = (0..<count).map { ChatLine.call(10 + $0, "job.get", name) + "\n" }.joined()
      try await client.send(Array(lines.utf8))
      var outcomes: [String: Int] = [:]
      try await daemon.waitUntil { buffered($0) >= 1 << 20 }
      for _ in 0..<count {
        let reply = try await client.reply()
        let outcome = reply["error"]?["data"]?["type"]?.string ?? "result"
        outcomes[outcome, default: 0] += 1
      }
      #expect(outcomes["result"] ?? 0 > 0 && outcomes["queue_full"] ?? 0 > 0, "\(outcomes)")
      #expect(outcomes.count == 2)
    }
  }
}

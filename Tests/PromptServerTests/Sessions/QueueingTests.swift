import JSON
import PromptSandbox
import TestSupport
import Testing

@Suite struct QueueingTests {
  private let oneSlot = "max_concurrent = 1"

  @Test func theUrgentOvertakes() async throws {
    try await DaemonFixture.run(upstream: oneSlot) { daemon in
      let clients = try (0..<3).map { _ in try daemon.client() }
      try await clients[0].send(ChatLine.bare("first", model: "sandbox/silent"))
      await daemon.sandbox.calls.waitUntil { $0.running == 1 }
      for (client, priority) in zip(clients[1...], ["low", "high"]) {
        let more = #","promptd":{"priority":"\#(priority)"}"#
        let line = ChatLine.bare(priority, more: more)
        #expect(try await client.ask(ChatLine.call(1, "ping"))["result"] != nil)
        try await client.send(line)
        try await daemon.waitUntilQueued(priority == "low" ? 1 : 2)
      }
      clients[0].close()
      for client in clients[1...] { #expect(try await client.reply()["choices"] != nil) }
      let bodies = await daemon.sandbox.calls.waitUntil { $0.started == 3 }.bodies
      #expect(bodies[1].contains("high") && bodies[2].contains("low"))
    }
  }

  @Test func statusAndQueueTellWhoWaits() async throws {
    try await DaemonFixture.run(upstream: oneSlot) { daemon in
      let client = try daemon.client()
      for name in ["a", "b", "c"] {
        try await client.send(ChatLine.bare(name, model: "sandbox/silent"))
      }
      await daemon.sandbox.calls.waitUntil { $0.running == 1 }
      try await daemon.waitUntilQueued(2)
      let other = try daemon.client()
      let rows = try await other.ask(ChatLine.call(1, "queue.list"))["result"]?["rows"]?.array
      #expect(rows?.map { $0["state"]?.string } == ["running", "queued", "queued"])
      #expect(rows?.map { $0["position"]?.int } == [nil, 1, 2])
      for (limit, count) in [("0", 0), ("2", 2), ("9", 3), ("null", 3)] {
        let list = ChatLine.call(1, "queue.list", #"{"limit":\#(limit)}"#)
        #expect(try await other.ask(list)["result"]?["rows"]?.array?.count == count)
      }
      for limit in ["-1", "1.5", #""2""#] {
        let list = ChatLine.call(1, "queue.list", #"{"limit":\#(limit)}"#)
        #expect(try await other.ask(list)["error"]?["data"]?["param"]?.string == "limit")
      }
      let status = try await other.ask(ChatLine.call(2, "status"))["result"]
      #expect(status?["queue"]?["queued"]?.int == 2)
      #expect(status?["queue"]?["by_class"]?["normal"]?.int == 2)
      #expect(status?["upstreams"]?[0]?["running"]?.int == 1)
      #expect(status?["connections"]?.int ?? 0 >= 2)
    }
  }

  @Test func aRequestThatHasWaitedLongEnoughIsToldSo() async throws {
    try await DaemonFixture.run(upstream: oneSlot) { daemon in
      let client = try daemon.client()
      try await client.send(ChatLine.call(1, "chat", ChatLine.bare("x", model: "sandbox/silent")))
      await daemon.sandbox.calls.waitUntil { $0.running == 1 }
      let body = ChatLine.bare("y", more: #","promptd":{"max_wait":0.2}"#)
      let reply = try await client.ask(ChatLine.call(2, "chat", body))
      #expect(reply["id"]?.int == 2)
      #expect(reply["error"]?["data"]?["type"]?.string == "deadline_exceeded")
      #expect(reply["error"]?["message"]?.string?.contains("queue") == true)
    }
  }

  @Test func theCallersTimeoutEndsTheCall() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      let line = ChatLine.bare("x", model: "sandbox/silent", more: #","promptd":{"timeout":0.3}"#)
      let error = try await client.ask(line)["error"]
      #expect(error?["type"]?.string == "deadline_exceeded")
      #expect(error?["message"]?.string?.contains("upstream") == true)
      await daemon.sandbox.calls.waitUntil { $0.cancelled == 1 }
    }
  }

  @Test func aFullQueueSaysWhenToTryAgain() async throws {
    try await DaemonFixture.run(others: "[queue]\nmax_queued = 1", upstream: oneSlot) { daemon in
      let client = try daemon.client()
      for id in 1...2 {
        let body = ChatLine.bare("n\(id)", model: "sandbox/silent")
        try await client.send(ChatLine.call(id, "chat", body))
      }
      try await daemon.waitUntilQueued(1)
      let reply = try await client.ask(ChatLine.call(3, "chat", ChatLine.bare("n3")))
      #expect(reply["error"]?["code"]?.int == -32001)
      #expect(reply["error"]?["data"]?["retry_after"]?.int ?? 0 >= 1)
    }
  }
}

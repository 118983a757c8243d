import JSON
import TestSupport
import Testing

/// What is told of usage and metrics is what has happened, answer by answer.
@Suite(.timeLimit(.minutes(2)))
struct UsageCountTests {
  private func labelled(_ text: String, model: String = "sandbox/echo") -> String {
    ChatLine.bare(text, model: model, more: #","promptd":{"label":"nightly"}"#)
  }

  /// The one row of all usage under a label.
  private func row(_ label: String, _ client: LineClient) async throws -> JSONTree {
    let usage = try await client.ask(ChatLine.call(1, "usage", #"{"by":["label"]}"#))
    let rows = usage["result"]?["rows"]?.array ?? []
    return try #require(rows.first { $0["label"]?.string == label })
  }

  /// The counter of answers with an outcome.
  private func answers(_ outcome: String, _ client: LineClient) async throws -> Int {
    let page = try await client.ask(ChatLine.call(1, "metrics"))["result"]?["openmetrics"]?.string
    let lines = (page ?? "").split(separator: "\n").filter {
      $0.hasPrefix("promptd_answers_total{") && $0.contains("outcome=\"\(outcome)\"")
    }
    return lines.reduce(0) { $0 + (Int($1.split(separator: " ").last ?? "") ?? 0) }
  }

  @Test func everyAnswerIsCountedOnceUnderItsLabel() async throws {
    let folder = try TemporaryFolder()
    var daemon = try await RunningDaemon.start(in: folder, cache: "keep_sandbox = true")
    var client = try daemon.client()
    // A call, an answer from memory, one by HTTP, and a job that finds it too.
    for _ in 0..<2 { _ = try await client.ask(labelled("one")) }
    let reply = try await daemon.httpClient().ask(labelled("one"))
    #expect(reply.headers["x-promptd-cache"] == "hit")
    let submitted = try await client.ask(ChatLine.call(2, "job.submit", labelled("one")))
    let job = try #require(submitted["result"]?["job"]?.string)
    _ = try await client.ask(ChatLine.call(3, "job.wait", #"{"job":"\#(job)"}"#))
    // Two who share a call.
    let slow = labelled("two", model: "sandbox/slow?first_byte_ms=3000")
    try await client.send(slow)
    try await client.send(slow)
    for _ in 0..<2 { _ = try await client.reply() }
    // One that fails.
    _ = try await client.ask(labelled("three", model: "sandbox/status?code=418"))
    var row = try await row("nightly", client)
    #expect(row["calls"]?.int == 3 && row["errors"]?.int == 1)
    #expect(row["hits"]?.int == 3 && row["joined"]?.int == 1)
    #expect(row["saved"]?["answers"]?.int == 4)
    for (outcome, count) in [("miss", 2), ("hit", 3), ("joined", 1)] {
      #expect(try await answers(outcome, client) == count, "\(outcome)")
    }
    #expect(await daemon.stop().code == 0)
    // An answer from the disk, after a start that knows what was before.
    daemon = try await RunningDaemon.start(in: folder, cache: "keep_sandbox = true")
    client = try daemon.client()
    let found = try await client.ask(labelled("one"))
    #expect(found["promptd"]?["cache"]?.string == "hit")
    row = try await self.row("nightly", client)
    #expect(row["calls"]?.int == 3 && row["hits"]?.int == 4)
    #expect(try await answers("hit", client) == 1)
    let stats = try await client.ask(ChatLine.call(1, "cache.stats"))["result"]
    #expect(stats?["saved"]?["answers"]?.int == 5)
    #expect(await daemon.stop().code == 0)
  }

  @Test func aReplySaysWhatItCost() async throws {
    let folder = try TemporaryFolder()
    let prices = "[prices.\"sandbox/echo\"]\ninput = 1000000.0\noutput = 2000000.0\n"
    let daemon = try await RunningDaemon.start(in: folder, others: prices)
    let client = try daemon.client()
    let first = try await client.ask(ChatLine.bare("one two"))["promptd"]?["billed"]
    let tokens = ["prompt_tokens", "completion_tokens"].compactMap { first?[$0]?.double }
    #expect(tokens.count == 2)
    #expect(first?["cost"]?.double == tokens[0] + 2 * tokens[1])
    let second = try await client.ask(ChatLine.bare("one two"))["promptd"]?["billed"]
    #expect(second?["prompt_tokens"]?.int == 0 && second?["cost"] == nil)
    let other = try await client.ask(ChatLine.bare("x", model: "sandbox/other"))
    #expect(other["promptd"]?["billed"]?["cost"] == nil)
    #expect(await daemon.stop().code == 0)
  }
}

import JSON
import TestSupport
import Testing

/// Jobs whose answers come as streams.
@Suite(.timeLimit(.minutes(5)))
struct JobStreamTests {
  /// Half of an answer, the rest of it when the test says so, and the end.
  private static let script: ScriptedUpstream.Script = { _, _ in
    [
      .send(Answers.begun(Answers.chunk("one "), Answers.chunk("two "))), .pause,
      .send(Answers.event(Answers.chunk("three"))),
      .send(Answers.event(Answers.chunk("", finish: #""stop""#))),
      .send(Answers.event("[DONE]") + "0\r\n\r\n"),
    ]
  }

  /// Somebody who waits for a job, and what has come so far.
  private struct Waiter {
    let client: LineClient
    var text = ""
    var result: JSONTree?

    init(_ daemon: DaemonFixture, for job: String) async throws {
      client = try daemon.client()
      try await client.send(ChatLine.call(1, "job.wait", #"{"job":"\#(job)"}"#))
    }

    /// Reads until so much has come, or the result.
    mutating func read(until wanted: String?) async throws {
      while result == nil, text != wanted {
        let reply = try await client.reply()
        result = reply["result"] ?? reply["error"]
        text +=
          reply["params"]?["chunk"]?["choices"]?[0]?["delta"]?["content"]?.string ?? ""
      }
    }
  }

  @Test func whoWaitsHasTheAnswerAsItComes() async throws {
    try await DaemonFixture.run(calling: Self.script) { daemon, upstream in
      let body = ChatLine.bare("x", more: #","stream":true"#)
      let submitted = try await daemon.client().ask(ChatLine.call(1, "job.submit", body))
      let job = try #require(submitted["result"]?["job"]?.string)
      var first = try await Waiter(daemon, for: job)
      try await first.read(until: "one two ")
      // Another who comes later has what has come, and then what comes.
      var later = try await Waiter(daemon, for: job)
      try await later.read(until: "one two ")
      upstream.letGoOn()
      for var waiter in [first, later] {
        try await waiter.read(until: nil)
        #expect(waiter.text == "one two three")
        #expect(waiter.result?["state"]?.string == "done")
      }
    }
  }
}

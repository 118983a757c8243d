import JSON
import TestSupport
import Testing

/// Upstreams that come back in time: the answer is the third try's, and it is kept.
@Suite(.timeLimit(.minutes(5))) struct RecoveryTests {
  /// What an upstream does with the first two calls of a question.
  struct Trouble: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var steps: [UpstreamStep]
    var timeouts = ""
  }

  private static let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

  private static let troubles = [
    Trouble(
      testDescription: "a status that passes", steps: [.send(Answers.refusal("503 Busy"))]),
    Trouble(
      testDescription: "a short pause",
      steps: [.send(Answers.refusal("429 Slow", headers: ["retry-after-ms: 5"]))]),
    Trouble(testDescription: "an end before the answer", steps: [.close]),
    Trouble(testDescription: "a reset before the answer", steps: [.reset]),
    Trouble(testDescription: "an end in the headers", steps: [.send("HTTP/1.1 200 O"), .close]),
    Trouble(
      testDescription: "a body cut short",
      steps: [.send("\(head)Content-Length: 1000\r\n\r\n{"), .close]),
    Trouble(
      testDescription: "gzip that is corrupt",
      steps: [.send("\(head)Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!")]),
    Trouble(
      testDescription: "silence", steps: [], timeouts: "[upstream.timeouts]\nfirst_byte = \"1s\""),
  ]

  @Test(arguments: troubles, [false, true])
  func theThirdTrysAnswerIsGivenAndKept(_ trouble: Trouble, _ streams: Bool) async throws {
    try await expectRecovery(from: trouble, streams: streams)
  }

  private static let streamTroubles = [
    Trouble(
      testDescription: "an error with which the stream begins",
      steps: [.send(Answers.stream(#"{"error":{"message":"no","code":503}}"#, "[DONE]"))]),
    Trouble(
      testDescription: "a stream that ends before its first chunk",
      steps: [.send(Answers.streamHead + ": hold on\r\n"), .close]),
  ]

  @Test(arguments: streamTroubles)
  func theThirdTrysStreamIsGivenAndKept(_ trouble: Trouble) async throws {
    try await expectRecovery(from: trouble, streams: true)
  }

  private func expectRecovery(from trouble: Trouble, streams: Bool) async throws {
    try await DaemonFixture.run(
      calling: { request, time in
        time <= 2 ? trouble.steps : [.send(Answers.good(request))]
      }, overTCP: true, tries: "\(trouble.timeouts)\n\(DaemonFixture.quickTries)"
    ) { daemon, upstream in
      for (number, dialect) in Dialect.allCases.enumerated() {
        let outcome = try await dialect.ask(daemon, "\(dialect)", streams: streams)
        #expect(outcome.isFinished && outcome.error == nil, "\(outcome)")
        #expect(outcome.text == Answers.text)
        #expect(outcome.info?["attempts"]?.int == 3, "\(outcome)")
        #expect(outcome.info?["cache"]?.string == "miss")
        let again = try await dialect.ask(daemon, "\(dialect)", streams: streams)
        #expect(again.isFinished && again.text == Answers.text)
        #expect(again.info?["cache"]?.string == "hit")
        #expect(upstream.log.value.count == 3 * (number + 1))
      }
      try await daemon.waitUntilIdle()
      let stats = try await daemon.client().ask(ChatLine.call(1, "cache.stats"))["result"]
      #expect(stats?["stored"]?.int == 3)
    }
  }
}

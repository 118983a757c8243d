import JSON
import PromptProtocol
import TestSupport
import Testing

/// Pauses that an upstream asks for: nobody calls it meanwhile, and all are served after that.
@Suite(.timeLimit(.minutes(5))) struct PauseTests {
  /// A refusal that asks for a pause, and how long that is at the least.
  struct Demand: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var headers: [String]
    var pause: Duration
    var status = "429 Too Many Requests"
  }

  private static let demands = [
    Demand(testDescription: "seconds", headers: ["Retry-After: 1"], pause: .seconds(1)),
    Demand(
      testDescription: "a date, by the upstream's own clock",
      headers: [
        "Date: Fri, 01 Jan 2021 00:00:00 GMT", "Retry-After: Fri, 01 Jan 2021 00:00:01 GMT",
      ], pause: .seconds(1)),
    Demand(
      testDescription: "milliseconds", headers: ["retry-after-ms: 300"],
      pause: .milliseconds(300)),
    Demand(
      testDescription: "milliseconds, which go before seconds",
      headers: ["Retry-After: 3600", "retry-after-ms: 300"], pause: .milliseconds(300)),
    Demand(
      testDescription: "seconds of a server that is busy", headers: ["Retry-After: 1"],
      pause: .seconds(1), status: "503 Service Unavailable"),
  ]

  @Test(arguments: demands, [false, true])
  func theNextTryComesAfterThePause(_ demand: Demand, _ streams: Bool) async throws {
    try await DaemonFixture.run(calling: { request, time in
      let refusal = Answers.refusal(demand.status, headers: demand.headers)
      return [.send(time == 1 ? refusal : Answers.good(request))]
    }) { daemon, upstream in
      for dialect in Dialect.allCases {
        let outcome = try await dialect.ask(daemon, "\(dialect)", streams: streams)
        #expect(outcome.text == Answers.text)
        #expect(outcome.info?["attempts"]?.int == 2)
        let times = upstream.log.value.arrivals.suffix(2).map(\.time)
        #expect(times[0].duration(to: times[1]) >= demand.pause)
      }
      #expect(upstream.log.value.count == 6)
    }
  }

  @Test(arguments: Dialect.allCases, [false, true])
  func aPauseThatNobodyCanWaitForIsToldAtOnce(_ dialect: Dialect, _ streams: Bool) async throws {
    let refusal = Answers.refusal("429 Too Many Requests", headers: ["Retry-After: 3600"])
    try await DaemonFixture.run(calling: { _, _ in [.send(refusal)] }) { daemon, upstream in
      let outcome = try await dialect.ask(daemon, "why?", streams: streams)
      let ending = Fault.Ending.told(.upstreamError, http: 429, upstream: 429, attempts: 1)
      ending.expect(outcome, streams: streams)
      #expect(outcome.info?["retry_after"]?.int == 3600)
      #expect(outcome.error?["message"]?.string?.contains("max_wait") == true)
      if let response = outcome.response { #expect(response.headers["retry-after"] == "3600") }
      try await daemon.waitUntilIdle()
      #expect(upstream.log.value.count == 1)
      try await daemon.expectKept(0)
    }
  }

  @Test func nobodyCallsMeanwhileAndAllAreAnsweredAfterIt() async throws {
    let refusal = Answers.refusal("429 Too Many Requests", headers: ["retry-after-ms: 1500"])
    try await DaemonFixture.run(
      calling: { request, time in
        request.asks("0") && time == 1
          ? [.pause, .send(refusal)] : [.send(Answers.good(request))]
      }, settings: "max_concurrent = 1"
    ) { daemon, upstream in
      let client = try daemon.client()
      try await client.send(ChatLine.call(0, "chat", ChatLine.bare("0")))
      await upstream.log.waitUntil { $0.count == 1 }
      for id in 1...50 {
        try await client.send(ChatLine.call(id, "chat", ChatLine.bare("\(id)")))
      }
      try await daemon.waitUntilQueued(50)
      let refused = ContinuousClock.now
      upstream.letGoOn()
      var running: Int?
      try await daemon.waitUntil { status in
        running = status["upstreams"]?[0]?["running"]?.int
        return status["upstreams"]?[0]?["state"]?.string == "held"
      }
      #expect(running == 0)
      var answered: Set<Int> = []
      for _ in 0...50 {
        let reply = try await client.reply()
        #expect(reply["result"]?["choices"] != nil, "\(reply.text)")
        answered.insert(reply["id"]?.int ?? -1)
      }
      #expect(answered == Set(0...50))
      let arrivals = upstream.log.value.arrivals
      #expect(arrivals.count == 52)
      #expect(arrivals.dropFirst().allSatisfy { $0.time - refused >= .milliseconds(1500) })
    }
  }
}

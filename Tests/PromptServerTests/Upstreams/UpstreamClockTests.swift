import JSON
import PromptProtocol
import TestSupport
import Testing

/// The four clocks of an attempt, as each of them runs out.
@Suite(.timeLimit(.minutes(5))) struct UpstreamClockTests {
  private static let late = Fault.Ending.told(.deadlineExceeded, http: 504, attempts: 1)
  private static let begun = Answers.begun(Answers.chunk("so far"))
  private static let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

  private static let silences = [
    Fault(
      "silence after the request", [],
      .told(.deadlineExceeded, http: 504, attempts: 4), timeouts: #"first_byte = "100ms""#),
    Fault(
      "silence after an interim answer", [.send("HTTP/1.1 102 Processing\r\n\r\n")],
      .told(.deadlineExceeded, http: 504, attempts: 4), timeouts: #"first_byte = "100ms""#),
    Fault(
      "silence in the headers", [.send("HTTP/1.1 200 OK\r\n")], late,
      timeouts: #"idle = "100ms""#),
    Fault(
      "silence after the headers", [.send("\(head)Content-Length: 100\r\n\r\n")], late,
      timeouts: #"idle = "100ms""#),
    Fault(
      "silence in the body", [.send("\(head)Content-Length: 100\r\n\r\n{\"id\":")], late,
      timeouts: #"idle = "100ms""#),
    Fault(
      "a trickle of headers", [.send("HTTP/1.1 200 OK\r\n"), .trickle("X-More: x\r\n")], late,
      timeouts: #"total = "500ms""#),
    Fault(
      "a trickle of spaces before the answer",
      [.send("\(head)Content-Length: 100000\r\n\r\n"), .trickle(" ")], late,
      timeouts: #"total = "500ms""#),
    Fault(
      "silence for longer than a call may take", [], late, timeouts: #"total = "200ms""#),
  ]

  @Test(arguments: silences, [false, true])
  func aCallWhoseTimeRunsOutBeforeTheAnswerSaysSo(
    _ fault: Fault, _ streams: Bool
  ) async throws {
    try await fault.expectTold(streams: streams)
  }

  private static let stalls = [
    Fault(
      "silence", [.send(begun)], .interrupted(after: "so far"), timeouts: #"idle = "300ms""#),
    Fault(
      "a trickle of comments", [.send(begun), .trickle("3\r\n:\n\n\r\n")],
      .interrupted(after: "so far"), timeouts: #"total = "500ms""#),
  ]

  @Test(arguments: stalls)
  func aStreamThatStandsStillKeepsWhatCame(_ fault: Fault) async throws {
    try await fault.expectTold(streams: true)
  }

  /// An upstream that takes no connection, on a port and as a socket.
  @Test(arguments: [false, true], [false, true])
  func aConnectionThatIsNotTakenInTimeIsTriedAgain(
    _ streams: Bool, _ overTCP: Bool
  ) async throws {
    let timeouts = "[upstream.timeouts]\nconnect = \"100ms\""
    try await DaemonFixture.run(
      calling: { request, _ in [.send(Answers.good(request))] }, overTCP: overTCP,
      beginsFull: true, tries: "\(timeouts)\n\(DaemonFixture.quickTries)"
    ) { daemon, upstream in
      let ending = Fault.Ending.told(.upstreamUnreachable, http: 502, attempts: 4)
      for dialect in Dialect.allCases {
        let outcome = try await dialect.ask(daemon, "\(dialect)", streams: streams)
        ending.expect(outcome, streams: streams)
        try await daemon.waitUntilIdle()
      }
      #expect(upstream.log.value.count == 0)
      try await daemon.expectKept(0)
      await upstream.open()
      let outcome = try await Dialect.bare.ask(daemon, "again", streams: streams)
      #expect(outcome.text == Answers.text)
      #expect(upstream.log.value.count == 1)
    }
  }

  @Test(
    arguments: [
      ("first_byte", []), ("idle", [.send("HTTP/1.1 200 OK\r\n")]), ("total", []),
    ] as [(String, [UpstreamStep])])
  func theErrorNamesTheClockAndTheUpstreamSeesTheConnectionEnd(
    _ clock: String, _ steps: [UpstreamStep]
  ) async throws {
    try await DaemonFixture.run(
      calling: { _, _ in steps },
      tries: "[upstream.timeouts]\n\(clock) = \"100ms\"\n\(DaemonFixture.oneTry)"
    ) { daemon, upstream in
      let outcome = try await Dialect.bare.ask(daemon, "why?", streams: false)
      #expect(outcome.error?["message"]?.string?.contains("(\(clock))") == true)
      await upstream.log.waitUntil { $0.ended == $0.connections }
    }
  }
}

import PromptProtocol
import TestSupport
import Testing

/// Connections that are not to be had, and those that are lost before an answer.
@Suite(.timeLimit(.minutes(5))) struct LostConnectionTests {
  private static let unreachable = Fault.Ending.told(.upstreamUnreachable, http: 502, attempts: 4)

  private static let lost = [
    Fault("an end before the answer", [.close], unreachable),
    Fault("a reset before the answer", [.reset], unreachable, overTCP: true),
    Fault("an end in the status line", [.send("HTTP/1."), .close], unreachable),
    Fault("an end in the headers", [.send("HTTP/1.1 200 OK\r\nContent-"), .close], unreachable),
    Fault(
      "a reset in the headers",
      [.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"), .reset], unreachable,
      overTCP: true),
    Fault("another protocol", [.send("220 mail.example ESMTP\r\n"), .close], unreachable),
    Fault(
      "an interim answer alone", [.send("HTTP/1.1 102 Processing\r\n\r\n"), .close], unreachable),
  ]

  @Test(arguments: lost, [false, true])
  func aConnectionThatIsLostBeforeTheAnswerIsTriedAgain(
    _ fault: Fault, _ streams: Bool
  ) async throws {
    try await fault.expectTold(streams: streams)
  }

  /// An upstream that answers the first question, and closes the connection when it is used again.
  @Test(arguments: [false, true], Dialect.allCases)
  func aKeptConnectionThatEndsUnansweredIsOneTryOfFour(
    _ streams: Bool, _ dialect: Dialect
  ) async throws {
    try await DaemonFixture.run(
      calling: { request, _ in
        request.asks("first") ? [.send(Answers.good(request))] : [.reset]
      }, overTCP: true
    ) { daemon, upstream in
      let first = try await dialect.ask(daemon, "first", streams: streams)
      #expect(first.isFinished && first.text == Answers.text)
      let outcome = try await dialect.ask(daemon, "second", streams: streams)
      Self.unreachable.expect(outcome, streams: streams)
      try await daemon.waitUntilIdle()
      #expect(upstream.log.value.arrivals.map(\.connection).prefix(2) == [1, 1])
      #expect(upstream.log.value.count == 5)
    }
  }

  /// An upstream that nobody listens for, as a path that is not there and as a port.
  @Test(arguments: [false, true], [false, true])
  func aRefusedConnectionIsTriedAgain(_ streams: Bool, _ overTCP: Bool) async throws {
    let folder = try TemporaryFolder()
    // Bound but not listening, so that nobody else can answer there.
    let place = overTCP ? SocketAddress.loopback : .unixSocket(folder["s"])
    let socket = try place.bound()
    let url =
      overTCP
      ? "http://127.0.0.1:\(try SocketAddress.port(of: socket))/v1" : "unix:\(folder["s"]):/v1"
    try await expectUnreachable(url, streams: streams)
  }

  @Test(arguments: [false, true])
  func aMissingSocketIsTriedAgain(_ streams: Bool) async throws {
    let folder = try TemporaryFolder()
    try await expectUnreachable("unix:\(folder["none"]):/v1", streams: streams)
  }

  private func expectUnreachable(_ url: String, streams: Bool) async throws {
    try await DaemonFixture.run(calling: url) { daemon in
      for dialect in Dialect.allCases {
        for _ in 1...2 {
          let outcome = try await dialect.ask(daemon, "\(dialect)", streams: streams)
          Self.unreachable.expect(outcome, streams: streams)
          try await daemon.waitUntilIdle()
        }
      }
      try await daemon.expectKept(0)
    }
  }
}

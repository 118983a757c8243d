import CurlTransport
import Dispatch
import TestSupport
import Testing

/// The four clocks of a call.
@Suite(.timeLimit(.minutes(1))) struct ClockTests {
  private let upstream: FakeUpstream
  private let calls: Calls

  init() throws {
    upstream = try FakeUpstream()
    calls = try Calls()
  }

  @Test func aHandshakeThatNeverEndsRunsOutTheConnectClock() async throws {
    var request = upstream.request(clocks: CallClocks(connect: .milliseconds(50)))
    request.address.url = "https://localhost/v1"
    let failure = try await calls.start(request).failure()
    #expect(failure.kind == .clock(.connect))
    #expect(failure.message.contains("(connect)"))
  }

  @Test func anUpstreamThatSaysNothingRunsOutTheFirstByteClock() async throws {
    let call = calls.start(upstream.request(clocks: CallClocks(firstByte: .milliseconds(50))))
    let connection = try await upstream.connection()
    let failure = try await call.failure()
    #expect(failure.kind == .clock(.firstByte))
    #expect(failure.message.contains("(first_byte)"))
    _ = try await connection.request()
    #expect(await connection.nextRequest() == nil, "the connection is closed")
  }

  @Test func anAnswerThatStandsStillRunsOutTheIdleClock() async throws {
    let call = calls.start(upstream.request(clocks: CallClocks(idle: .milliseconds(50))))
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    let answer = try await call.answer()
    #expect(answer.text == "half")
    guard case .failed(let failure) = answer.end else {
      Issue.record("no failure")
      return
    }
    #expect(failure.kind == .clock(.idle))
    #expect(failure.message.contains("(idle)"))
  }

  @Test func aCallThatTakesTooLongRunsOutTheTotalClock() async throws {
    let call = calls.start(upstream.request(clocks: CallClocks(total: .milliseconds(50))))
    let connection = try await upstream.connection()
    _ = try await connection.request()
    let failure = try await call.failure()
    #expect(failure.kind == .clock(.total))
    #expect(failure.message.contains("(total)"))
  }

  @Test func eachPieceWindsTheIdleClockUp() async throws {
    let call = calls.start(upstream.request(clocks: CallClocks(idle: .seconds(10))))
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n")
    _ = try await call.head()
    // Another call's clock is the measure: twenty-one times half a second is longer than ten.
    for _ in 0..<21 {
      let measure = calls.start(upstream.request(clocks: CallClocks(total: .milliseconds(500))))
      #expect(try await measure.failure().kind == .clock(.total))
      try connection.send(".")
      #expect(try await call.piece() == ".")
    }
    guard case .ended(.complete) = await call.next() else {
      Issue.record("no complete end")
      return
    }
  }

  @Test func oneCallThatRunsOutLeavesTheOthersAlone() async throws {
    let patient = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    let hasty = calls.start(upstream.request(clocks: CallClocks(firstByte: .milliseconds(20))))
    #expect(try await hasty.failure().kind == .clock(.firstByte))
    try connection.answer("late")
    #expect(try await patient.text() == "late")
  }

  /// A machine with too much to do may leave the thread waiting for its turn that long.
  @Test func whatCameWhileTheThreadWasHeldUpCountsBeforeTheClocks() async throws {
    let idle = Duration.seconds(1)
    let holding = Watched<FakeConnection?>(nil)
    let isHeldUp = Watched(false)
    let gate = DispatchSemaphore(value: 0)
    let calls = try Calls { event in
      switch event {
      // The clock of the last call begins: the first has something for the thread.
      case .responded: try? holding.value?.send("hold")
      case .received(let bytes) where bytes == Array("hold".utf8):
        isHeldUp.change { $0 = true }
        gate.wait()
      default: break
      }
    }
    defer { gate.signal() }
    let first = calls.start(upstream.request())
    let firstConnection = try await upstream.connection()
    try await begin(first, on: firstConnection)
    // On a connection that stands libcurl has no clocks of its own, with which it would look at it.
    let earlier = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.answer("earlier")
    #expect(try await earlier.text() == "earlier")
    holding.change { $0 = firstConnection }
    let call = calls.start(upstream.request(clocks: CallClocks(idle: idle)))
    try await begin(call, on: connection)
    await isHeldUp.waitUntil { $0 }
    try connection.send("late")
    // The clock of another thread is the measure.
    let measure = self.calls.start(upstream.request(clocks: CallClocks(total: idle)))
    #expect(try await measure.failure().kind == .clock(.total))
    gate.signal()
    #expect(try await call.text() == "late")
  }

  /// Begins an answer of four bytes.
  private func begin(_ call: RunningCall, on connection: FakeConnection) async throws {
    _ = try await connection.request()
    try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
    _ = try await call.head()
  }
}

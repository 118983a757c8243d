import CurlTransport
import TestSupport
import Testing

/// Connections between calls, and calls that are given up.
@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
  private let upstream: FakeUpstream
  private let calls: Calls

  init() throws {
    upstream = try FakeUpstream()
    calls = try Calls()
  }

  @Test func oneConnectionServesOneCallAfterAnother() async throws {
    var call = calls.start(upstream.request(body: "0"))
    let connection = try await upstream.connection()
    for number in 0..<5 {
      #expect(try await connection.request().body == Array("\(number)".utf8))
      try connection.answer("answer \(number)")
      #expect(try await call.text() == "answer \(number)")
      call = calls.start(upstream.request(body: "\(number + 1)"))
    }
    #expect(try await connection.request().body == Array("5".utf8))
  }

  @Test func nothingOfACallIsLeftInTheNextOne() async throws {
    let first = calls.start(upstream.request(body: "{}", acceptsStream: true, maxResponse: 2))
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.answer("ok")
    #expect(try await first.text() == "ok")
    var request = upstream.request(body: nil)
    request.key = nil
    let second = calls.start(request)
    let received = try await connection.request()
    #expect(received.line.hasPrefix("GET "))
    #expect(received.headers["authorization"] == nil)
    #expect(received.headers["accept"] == "application/json")
    try connection.answer("more than two")
    #expect(try await second.text() == "more than two")
  }

  @Test func aConnectionThatWasClosedBetweenCallsIsReplaced() async throws {
    let first = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.answer("one")
    #expect(try await first.text() == "one")
    connection.close()
    let second = calls.start(upstream.request())
    let replacement = try await upstream.connection()
    _ = try await replacement.request()
    try replacement.answer("two")
    #expect(try await second.text() == "two")
  }

  @Test func aRequestIsNotSentAgainByItself() async throws {
    let first = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.answer("one")
    #expect(try await first.text() == "one")
    let second = calls.start(upstream.request())
    _ = try await connection.request()
    connection.close()
    #expect(try await second.failure().kind == .reset)
    // libcurl has connected again before it asks whether it may send.
    let replacement = try await upstream.connection()
    #expect(await replacement.nextRequest() == nil)
  }

  @Test func twoHundredCallsRunAtOnce() async throws {
    let numbers = 0..<200
    let running = numbers.map { calls.start(upstream.request(body: "\($0)")) }
    var received: [(FakeConnection, String)] = []
    for _ in numbers {
      let connection = try await upstream.connection()
      received.append(
        (connection, String(decoding: try await connection.request().body, as: UTF8.self)))
    }
    for (connection, body) in received.reversed() { try connection.answer("answer \(body)") }
    for (number, call) in running.enumerated() {
      #expect(try await call.text() == "answer \(number)")
    }
    #expect(running.allSatisfy { calls.eventCount(of: $0) == 3 })
  }

  @Test func aCancelledCallClosesItsConnectionAndSaysNothingMore() async throws {
    let call = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    _ = try await call.head()
    #expect(try await call.piece() == "half")
    calls.transport.cancel(call.id)
    #expect(await connection.nextRequest() == nil)
    calls.transport.stop()
    #expect(calls.eventCount(of: call) == 2)
  }

  @Test func aCallThatIsCancelledAtOnceSaysNothing() async throws {
    let cancelled = (0..<50).map { _ in
      let call = calls.start(upstream.request())
      calls.transport.cancel(call.id)
      return call
    }
    let other = calls.start(upstream.request(body: "other"))
    // Some may have come as far as the upstream before the thread took their cancel.
    var connection = try await upstream.connection()
    while await connection.nextRequest()?.body != Array("other".utf8) {
      connection = try await upstream.connection()
    }
    try connection.answer("ok")
    #expect(try await other.text() == "ok")
    #expect(cancelled.allSatisfy { calls.eventCount(of: $0) == 0 })
  }

  @Test func cancellingWhatIsOverOrUnknownIsNoFault() async throws {
    let call = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.answer("one")
    #expect(try await call.text() == "one")
    calls.transport.cancel(call.id)
    calls.transport.cancel(CallID(rawValue: 999))
    let next = calls.start(upstream.request())
    _ = try await connection.request()
    try connection.answer("two")
    #expect(try await next.text() == "two")
    #expect(calls.transport.fault == nil)
  }

  @Test func anIdInUseStartsAnewAfterACancel() async throws {
    let events = EventBoard()
    let transport = try CurlTransport { events.happened($0, $1) }
    defer { transport.stop() }
    let id = CallID(rawValue: 7)
    let stream = events.expect(id)
    var request = upstream.request(body: "first")
    request.id = id
    transport.start(request)
    let connection = try await upstream.connection()
    _ = try await connection.request()
    request.body = Array("second".utf8)
    transport.start(request)
    #expect(await connection.nextRequest() == nil)
    let second = try await upstream.connection()
    #expect(try await second.request().body == Array("second".utf8))
    try second.answer("ok")
    #expect(try await RunningCall(id: id, events: stream).text() == "ok")
  }
}

import CurlTransport
import TestSupport
import Testing

/// What a call asks and what comes of the answer.
@Suite(.timeLimit(.minutes(1))) struct AnswerTests {
  private let upstream: FakeUpstream
  private let calls: Calls

  init() throws {
    upstream = try FakeUpstream()
    calls = try Calls()
  }

  @Test func aWholeAnswerComesWithItsHead() async throws {
    let call = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.answer(
      "busy", status: "429 Too Many Requests",
      headers: [
        "Content-Type: application/json", "Retry-After: 7", "retry-after-ms: 6500",
        "Date: Tue, 15 Nov 1994 08:12:31 GMT",
      ])
    let answer = try await call.answer()
    #expect(
      answer.head
        == ResponseHead(
          status: 429, contentType: "application/json", retryAfter: "7", retryAfterMS: "6500",
          date: "Tue, 15 Nov 1994 08:12:31 GMT"))
    #expect(answer.text == "busy")
    #expect(answer.end == .complete)
  }

  @Test func absentHeadersAreNil() async throws {
    let call = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.answer("", status: "204 No Content")
    #expect(try await call.answer().head == ResponseHead(status: 204))
  }

  @Test func aPostCarriesTheKeyAndSaysWhatItAccepts() async throws {
    _ = calls.start(upstream.request(body: #"{"model":"m"}"#))
    let request = try await upstream.connection().request()
    #expect(request.line == "POST /v1/chat/completions HTTP/1.1")
    #expect(request.body == Array(#"{"model":"m"}"#.utf8))
    #expect(request.headers["host"] == "localhost")
    #expect(request.headers["authorization"] == "Bearer \(FakeUpstream.secret)")
    #expect(request.headers["content-type"] == "application/json")
    #expect(request.headers["accept"] == "application/json")
    #expect(request.headers["accept-encoding"]?.contains("gzip") == true)
    #expect(request.headers["user-agent"] == "promptd")
    #expect(request.headers["expect"] == nil)
  }

  @Test func aStreamIsAskedForByItsType() async throws {
    _ = calls.start(upstream.request(acceptsStream: true))
    let request = try await upstream.connection().request()
    #expect(request.headers["accept"] == "text/event-stream")
  }

  @Test func aCallWithoutBodyIsAGet() async throws {
    var request = upstream.request(body: nil)
    request.path = "/models"
    request.key = nil
    _ = calls.start(request)
    let received = try await upstream.connection().request()
    #expect(received.line == "GET /v1/models HTTP/1.1")
    #expect(received.headers["content-type"] == nil)
    #expect(received.headers["authorization"] == nil)
  }

  @Test func anEmptyBodyIsStillAPost() async throws {
    let call = calls.start(upstream.request(body: ""))
    let connection = try await upstream.connection()
    let request = try await connection.request()
    #expect(request.line.hasPrefix("POST "))
    #expect(request.headers["content-length"] == "0")
    try connection.answer("ok")
    #expect(try await call.text() == "ok")
  }

  @Test func aBodyOfOneMebibyteArrivesAtOnce() async throws {
    let body = String(repeating: "0123456789abcdef", count: 65_536)
    let call = calls.start(upstream.request(body: body))
    let connection = try await upstream.connection()
    let request = try await connection.request()
    #expect(request.headers["content-length"] == "1048576")
    #expect(request.body == Array(body.utf8))
    try connection.answer("ok")
    #expect(try await call.text() == "ok")
  }

  @Test func piecesOfAChunkedAnswerArriveAsTheyCome() async throws {
    let call = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    #expect(try await call.head().status == 200)
    for piece in ["one", "two", "six"] {
      try connection.send("3\r\n\(piece)\r\n")
      #expect(try await call.piece() == piece)
    }
    try connection.send("0\r\nX-Trailer: late\r\n\r\n")
    guard case .ended(.complete) = await call.next() else {
      Issue.record("no complete end")
      return
    }
    #expect(await call.next() == nil)
  }

  @Test func anAnswerThatEndsWithTheConnectionIsComplete() async throws {
    let call = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.send("HTTP/1.1 200 OK\r\n\r\nall")
    connection.close()
    #expect(try await call.text() == "all")
  }

  @Test func aCompressedAnswerIsDecoded() async throws {
    let call = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.send(
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(Gzip.hello.count)\r\n\r\n")
    try connection.send(Gzip.hello)
    #expect(try await call.text() == "Hello, compressed world.")
  }

  @Test func interimAnswersAreNotTold() async throws {
    let call = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.send("HTTP/1.1 103 Early Hints\r\nRetry-After: 1\r\n\r\n")
    try connection.answer("ok")
    let answer = try await call.answer()
    #expect(answer.head == ResponseHead(status: 200))
    #expect(answer.text == "ok")
  }

  @Test func aRedirectIsAnAnswerAndIsNotFollowed() async throws {
    let other = try FakeUpstream(overTCP: true)
    let call = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.answer("moved", status: "307 No", headers: ["Location: \(other.address.url)"])
    let answer = try await call.answer()
    #expect(answer.head?.status == 307)
    #expect(answer.text == "moved")
    #expect(answer.end == .complete)
  }

  @Test func aProxyIsAskedInsteadOfTheUpstream() async throws {
    let proxy = try FakeUpstream(overTCP: true)
    let address = UpstreamAddress(
      url: "http://upstream.invalid/v1", proxy: String(proxy.address.url.dropLast(3)))
    let call = calls.start(.make(address))
    let connection = try await proxy.connection()
    let request = try await connection.request()
    #expect(request.line == "POST http://upstream.invalid/v1/chat/completions HTTP/1.1")
    try connection.answer("through")
    #expect(try await call.text() == "through")
  }
}

import CurlTransport
import PromptProtocol
import TestSupport
import Testing

/// How calls fail, and what is said of it.
@Suite(.timeLimit(.minutes(1))) struct FailureTests {
  private let calls: Calls

  init() throws { calls = try Calls() }

  @Test func aRefusedConnectionFailsToConnect() async throws {
    // Bound but not listening, so that nobody else can answer there.
    let socket = try SocketAddress.loopback.bound()
    let port = try SocketAddress.port(of: socket)
    let call = calls.start(.make(UpstreamAddress(url: "http://127.0.0.1:\(port)/v1")))
    #expect(try await call.failure().kind == .connect)
  }

  @Test func aMissingSocketFailsToConnect() async throws {
    let folder = try TemporaryFolder()
    let address = UpstreamAddress(url: "http://localhost/v1", unixSocket: folder["none"])
    #expect(try await calls.start(.make(address)).failure().kind == .connect)
  }

  @Test func aConnectionThatClosesUnansweredIsReset() async throws {
    let upstream = try FakeUpstream()
    let call = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    connection.close()
    #expect(try await call.failure().kind == .reset)
  }

  @Test func aConnectionResetBeforeTheAnswerIsReset() async throws {
    let upstream = try FakeUpstream(overTCP: true)
    let call = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.reset()
    #expect(try await call.failure().kind == .reset)
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n",
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nhalf",
    "HTTP/1.1 200 OK\r\nContent-",
    "no HTTP at all\r\n\r\n",
  ])
  func anAnswerThatBreaksOffIsCut(_ sent: String) async throws {
    let upstream = try FakeUpstream()
    let call = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.send(sent)
    connection.close()
    #expect(try await call.failure().kind == .cut)
  }

  @Test func whatCameBeforeTheCutIsTold() async throws {
    let upstream = try FakeUpstream()
    let call = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    connection.close()
    let answer = try await call.answer()
    #expect(answer.head?.status == 200)
    #expect(answer.text == "half")
  }

  @Test func anAnswerOfTheGreatestLengthIsTaken() async throws {
    let upstream = try FakeUpstream()
    let call = calls.start(upstream.request(maxResponse: 8))
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.answer("12345678")
    #expect(try await call.text() == "12345678")
  }

  @Test func aLongerAnswerIsTooLarge() async throws {
    let upstream = try FakeUpstream()
    let call = calls.start(upstream.request(maxResponse: 8))
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.answer("123456789")
    let failure = try await call.failure()
    #expect(failure.kind == .tooLarge)
    #expect(failure.message.contains("8 bytes"))
    #expect(await connection.nextRequest() == nil)
  }

  @Test func theLengthIsMeasuredAfterDecoding() async throws {
    let upstream = try FakeUpstream()
    let call = calls.start(upstream.request(maxResponse: 19_999))
    let connection = try await upstream.connection()
    _ = try await connection.request()
    try connection.send(
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(Gzip.zeros.count)\r\n\r\n")
    try connection.send(Gzip.zeros)
    #expect(try await call.failure().kind == .tooLarge)
  }

  @Test func endlessHeadersAreTooLarge() async throws {
    let upstream = try FakeUpstream()
    let call = calls.start(upstream.request())
    let connection = try await upstream.connection()
    _ = try await connection.request()
    let header = "X-Filler: \(String(repeating: "x", count: 1000))\r\n"
    do {
      try connection.send("HTTP/1.1 200 OK\r\n" + String(repeating: header, count: 300))
    } catch is SystemError {
      // The caller has hung up before it was all sent.
    }
    #expect(try await call.failure().kind == .tooLarge)
  }

  @Test func addressesThatCannotBeCalledAreMisconfigured() async throws {
    for url in ["http://[", "file:///etc/hostname", "gopher://localhost", "http://a b/"] {
      #expect(
        try await calls.start(.make(UpstreamAddress(url: url))).failure().kind == .misconfigured)
    }
  }

  @Test func aKeyWithALineBreakIsMisconfiguredAndNotRepeated() async throws {
    let upstream = try FakeUpstream()
    var request = upstream.request()
    request.key = APIKey("\(FakeUpstream.secret)\r\nX-Other: 1")
    #expect(try await calls.start(request).failure().kind == .misconfigured)
  }

  @Test func thePasswordOfAProxyIsNotRepeated() async throws {
    for proxy in ["http://user:hush-hush@[", "odd://user:hush-hush@localhost:1"] {
      let address = UpstreamAddress(url: "http://upstream.invalid/v1", proxy: proxy)
      let failure = try await calls.start(.make(address)).failure()
      #expect(!failure.message.contains("hush-hush"))
      #expect(failure.message.contains("the proxy"))
    }
  }

  @Test func aKeyThatLibcurlWouldQuoteIsRedacted() async throws {
    // The host stands in libcurl's words about a name that does not exist.
    let address = UpstreamAddress(url: "http://\(FakeUpstream.secret).invalid/v1")
    let failure = try await calls.start(.make(address)).failure()
    #expect(failure.kind == .connect)
    #expect(failure.message.contains("(redacted)"))
  }
}

import CurlTransport
import TestSupport
import Testing

/// Who is trusted, with `openssl s_server` as upstream on a Unix socket.
@Suite(
  .timeLimit(.minutes(1)),
  .enabled(if: Authority.isAvailable, "openssl(1) makes the certificates: install openssl"))
struct TLSTests {
  private let authority: Authority
  private let server: OpenSSLProcess
  private let calls: Calls

  init() throws {
    authority = try Authority()
    server = try OpenSSLProcess(
      "s_server -unix s -cert server.pem -key server.key -HTTP", in: authority.folder)
    calls = try Calls()
  }

  private func call(_ host: String, caFile: String?) -> RunningCall {
    let address = UpstreamAddress(
      url: "https://\(host)", unixSocket: authority.folder["s"], caFile: caFile)
    var request = CallRequest.make(address, body: nil)
    request.path = "/answer"
    return calls.start(request)
  }

  private func serve() throws {
    try authority.folder.write(
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nquiet", to: "answer")
    #expect(server.read(until: "ACCEPT").contains("ACCEPT"))
  }

  @Test func aPrivateAuthorityIsTrustedWhenItIsNamed() async throws {
    try serve()
    #expect(try await call("localhost", caFile: authority.certificate).text() == "quiet")
  }

  @Test func anAuthorityThatNobodyNamedIsNotTrusted() async throws {
    try serve()
    let failure = try await call("localhost", caFile: nil).failure()
    #expect(failure.kind == .tls)
    #expect(failure.message.contains("certificate"))
  }

  @Test func aCertificateForAnotherHostIsNotAccepted() async throws {
    try serve()
    let failure = try await call("elsewhere", caFile: authority.certificate).failure()
    #expect(failure.kind == .tls)
    #expect(failure.message.contains("elsewhere"))
  }

  @Test func anUnreadableAuthorityIsMisconfigured() async throws {
    try serve()
    let failure = try await call("localhost", caFile: authority.folder["none"]).failure()
    #expect(failure.kind == .misconfigured)
    #expect(failure.message.contains(authority.folder["none"]))
  }

  @Test func anUpstreamWithoutTLSFailsToConnect() async throws {
    let upstream = try FakeUpstream()
    var request = upstream.request()
    request.address.url = "https://localhost/v1"
    // It is not the clock that ends it, however busy the machine is.
    request.clocks.connect = .seconds(300)
    let call = calls.start(request)
    let connection = try await upstream.connection()
    try connection.answer("plain")
    #expect(try await call.failure().kind == .connect)
  }
}

import CurlTransport
import PromptProtocol
import TestSupport

/// A fake upstream on a real socket, on which the test accepts and answers as it likes.
final class FakeUpstream: Sendable {
  /// The key that all calls pay with, and no text of ours may hold.
  static let secret = "sk-do-not-repeat-this"

  let address: UpstreamAddress
  private let folder: TemporaryFolder
  private let server: FakeServer

  /// Listens on a Unix socket, or on a loopback port where only TCP shows the behaviour.
  init(overTCP: Bool = false) throws {
    folder = try TemporaryFolder()
    server = try FakeServer(overTCP ? .loopback : .unixSocket(folder["s"]))
    address =
      server.port.map { UpstreamAddress(url: "http://127.0.0.1:\($0)/v1") }
      ?? UpstreamAddress(url: "http://localhost/v1", unixSocket: folder["s"])
  }

  /// The next connection, which must come.
  func connection() async throws -> FakeConnection { try await server.connection() }

  /// A call of this upstream, a POST unless `body` is nil.
  func request(
    body: String? = "{}", acceptsStream: Bool = false, clocks: CallClocks = CallClocks(),
    maxResponse: Int = 1 << 20
  ) -> CallRequest {
    .make(
      address, body: body, acceptsStream: acceptsStream, clocks: clocks, maxResponse: maxResponse)
  }
}

extension CallRequest {
  /// A call as most tests need it; `Calls` gives it its id.
  static func make(
    _ address: UpstreamAddress, body: String? = "{}", acceptsStream: Bool = false,
    clocks: CallClocks = CallClocks(), maxResponse: Int = 1 << 20
  ) -> CallRequest {
    CallRequest(
      id: CallID(rawValue: 0), address: address, path: "/chat/completions",
      key: APIKey(FakeUpstream.secret), body: body.map { Array($0.utf8) },
      acceptsStream: acceptsStream, clocks: clocks, maxResponse: maxResponse)
  }
}

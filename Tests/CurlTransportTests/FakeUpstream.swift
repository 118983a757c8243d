import CurlTransport
import Glibc
import PromptProtocol
import Testing

/// A fake upstream on a real socket, on which the test accepts and answers as it likes.
final class FakeUpstream: Sendable {
  /// The key that all calls pay with, and no text of ours may hold.
  static let secret = "sk-do-not-repeat-this"

  let address: UpstreamAddress
  private let folder: TemporaryFolder
  private let accepted: AsyncStream<FakeConnection>
  private let stop: Descriptor
  private let thread: TestThread

  /// Listens on a Unix socket, or on a loopback port where only TCP shows the behaviour.
  init(overTCP: Bool = false) throws {
    folder = try TemporaryFolder()
    let place = overTCP ? SocketAddress.loopback : .unixSocket(folder["s"])
    let listener = try place.bound()
    guard listen(listener.number, 512) == 0 else { throw SystemError(errno) }
    address =
      overTCP
      ? UpstreamAddress(url: "http://127.0.0.1:\(try SocketAddress.port(of: listener))/v1")
      : UpstreamAddress(url: "http://localhost/v1", unixSocket: folder["s"])
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemError(errno) }
    let stopped = try Descriptor(ends[0])
    stop = try Descriptor(ends[1])
    let (stream, continuation) = AsyncStream<FakeConnection>.makeStream()
    accepted = stream
    thread = try TestThread {
      var listening = FakeListening(listener, stop: stopped, accepted: continuation)
      listening.run()
    }
  }

  deinit {
    // The thread is joined after this.
    write(stop.number, [0], 1)
  }

  /// The next connection, which must come.
  func connection() async throws -> FakeConnection {
    for await connection in accepted { return connection }
    throw SystemError(ECONNABORTED)
  }

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

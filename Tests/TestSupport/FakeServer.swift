import Glibc

/// A listening socket whose connections a test accepts and answers as it likes.
package final class FakeServer: Sendable {
  /// The connections as they come; it ends with the server.
  package let connections: AsyncStream<FakeConnection>
  /// The port, of a server on 127.0.0.1.
  package let port: Int?
  private let stop: Descriptor
  private let thread: TestThread

  /// Listens there.
  package init(_ place: SocketAddress) throws {
    let listener = try place.bound()
    guard listen(listener.number, 512) == 0 else { throw SystemError(errno) }
    port = if case .loopback = place { try SocketAddress.port(of: listener) } else { nil }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemError(errno) }
    let stopped = try Descriptor(ends[0])
    stop = try Descriptor(ends[1])
    let (stream, continuation) = AsyncStream<FakeConnection>.makeStream()
    connections = stream
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
  package func connection() async throws -> FakeConnection {
    for await connection in connections { return connection }
    throw SystemError(ECONNABORTED)
  }
}

import Glibc

/// A listening socket whose connections a test accepts and answers as it likes.
package final class FakeServer: Sendable {
  /// The connections as they come; it ends with the server.
  package let connections: AsyncStream<FakeConnection>
  /// The port, of a server on 127.0.0.1.
  package let port: Int?
  private let control: Descriptor
  private let filler: Descriptor?
  private let thread: TestThread

  /// Listens there; one that begins full takes no connection before `open`.
  package init(_ place: SocketAddress, beginsFull: Bool = false) throws {
    let listener = try place.bound()
    // Linux keeps one more than was asked for.
    guard listen(listener.number, beginsFull ? 0 : 512) == 0 else { throw SystemError(errno) }
    filler = beginsFull ? try SocketAddress.connection(to: listener) : nil
    port = if case .loopback = place { try SocketAddress.port(of: listener) } else { nil }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemError(errno) }
    let orders = try Descriptor(ends[0])
    control = try Descriptor(ends[1])
    let (stream, continuation) = AsyncStream<FakeConnection>.makeStream()
    connections = stream
    thread = try TestThread {
      var listening = FakeListening(
        listener, orders: orders, isOpen: !beginsFull, accepted: continuation)
      listening.run()
    }
  }

  deinit {
    // The thread is joined after this.
    write(control.number, [FakeListening.stop], 1)
  }

  /// Takes connections from now on; one that began full took one of its own before.
  package func open() { write(control.number, [FakeListening.open], 1) }

  /// The next connection, which must come.
  package func connection() async throws -> FakeConnection {
    for await connection in connections { return connection }
    throw SystemError(ECONNABORTED)
  }
}

import Glibc
import Synchronization

/// The upstream's end of one connection; the test itself says what goes out.
package final class FakeConnection: Sendable {
  private let socket: Descriptor
  private let incoming: AsyncStream<[UInt8]>
  private let ending: AsyncStream<Never>
  private let unread = Mutex<[UInt8]>([])

  /// `incoming` and `ending` end when the connection does.
  init(_ socket: Descriptor, incoming: AsyncStream<[UInt8]>, ending: AsyncStream<Never>) {
    self.socket = socket
    self.incoming = incoming
    self.ending = ending
  }

  /// Waits for the end of the connection, whoever brings it about.
  package func end() async { for await _ in ending {} }

  /// The next whole request, or nil when the connection was closed before one came.
  package func nextRequest() async -> FakeRequest? {
    while true {
      if let request = unread.withLock({ FakeRequest(takenFrom: &$0) }) { return request }
      guard let bytes = await nextBytes() else { return nil }
      unread.withLock { $0 += bytes }
    }
  }

  /// The next whole request, which must come.
  package func request() async throws -> FakeRequest {
    guard let request = await nextRequest() else { throw SystemError(ECONNRESET) }
    return request
  }

  private func nextBytes() async -> [UInt8]? {
    for await bytes in incoming { return bytes }
    return nil
  }

  /// Sends text as it stands.
  package func send(_ text: String) throws { try send(Array(text.utf8)) }

  /// Sends all of the bytes; only what the socket holds in its buffer may be sent unread.
  package func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw SystemError(errno) }
      rest = rest.dropFirst(count)
    }
  }

  /// Sends a whole answer with its length.
  package func answer(_ body: String, status: String = "200 OK", headers: [String] = []) throws {
    let head = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
    try send(head.map { $0 + "\r\n" }.joined() + "\r\n" + body)
  }

  /// Ends the connection in both directions.
  package func close() { shutdown(socket.number, Int32(SHUT_RDWR)) }

  /// Ends a TCP connection with RST, which connect(2) to no address does.
  package func reset() throws {
    var nowhere = sockaddr(sa_family: sa_family_t(AF_UNSPEC), sa_data: sockaddr().sa_data)
    let length = socklen_t(MemoryLayout<sockaddr>.size)
    guard connect(socket.number, &nowhere, length) == 0 else { throw SystemError(errno) }
  }
}

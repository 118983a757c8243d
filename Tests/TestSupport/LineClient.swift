import Dispatch
import Glibc
package import JSON
import Synchronization

/// A client as plain as they come: a blocking socket, read on a queue of its own.
package final class LineClient: Sendable {
  /// Nothing came, or the connection broke.
  package struct Failure: Error, CustomStringConvertible {
    package var description: String
  }

  private let descriptor: Int32
  private let sending = DispatchQueue(label: "promptd.test.client.sending")
  private let receiving = DispatchQueue(label: "promptd.test.client.receiving")
  private let rest = Mutex(LineBuffer())
  private let isOpen = Mutex(true)

  /// How long a test waits for what should come at once, in seconds.
  private static let patience = 60

  /// Connects to the socket at `path`.
  package init(_ path: String) throws {
    descriptor = try SocketPath(path).connect()
    var time = timeval(tv_sec: Self.patience, tv_usec: 0)
    let length = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, length)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, length)
  }

  deinit { close() }

  /// Sends a line.
  package func send(_ line: String) async throws { try await send(Array((line + "\n").utf8)) }

  /// Sends bytes as they are.
  package func send(_ bytes: [UInt8]) async throws {
    try await on(sending) { [descriptor] in
      var sent = 0
      while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes {
          Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else {
          throw Failure(description: "send: \(String(cString: strerror(errno)))")
        }
        sent += count
      }
    }
  }

  /// Says that nothing more will be sent.
  package func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Goes away.
  package func close() {
    let wasOpen = isOpen.withLock { isOpen in
      defer { isOpen = false }
      return isOpen
    }
    if wasOpen { Glibc.close(descriptor) }
  }

  /// The next line, or nil at the end.
  package func line() async throws -> String? {
    try await on(receiving) { [self] in
      while true {
        if let line = rest.withLock({ $0.popLine() }) {
          return String(decoding: line, as: UTF8.self)
        }
        guard let more = try receive() else { return nil }
        rest.withLock { $0.append(more) }
      }
    }
  }

  /// The next line as JSON; throws at the end.
  package func reply() async throws -> JSONTree {
    guard let line = try await line() else { throw Failure(description: "the connection ended") }
    return try JSONTree(parsing: Array(line.utf8))
  }

  /// Sends a line and returns the next one.
  package func ask(_ line: String) async throws -> JSONTree {
    try await send(line)
    return try await reply()
  }

  private func receive() throws -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
    guard count >= 0 else {
      if errno == ECONNRESET { return nil }
      throw Failure(description: "nothing came: \(String(cString: strerror(errno)))")
    }
    return count == 0 ? nil : Array(buffer[..<count])
  }

  private func on<Result: Sendable>(
    _ queue: DispatchQueue, _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Swift.Result { try body() }) }
    }
  }
}

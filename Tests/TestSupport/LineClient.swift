package import JSON
import Synchronization

/// A client that sends and reads lines, as plain as they come.
package final class LineClient: Sendable {
  private let socket: ClientSocket
  private let rest = Mutex(LineBuffer())

  /// Connects to the socket at `path`, as another user if need be.
  package init(_ path: String, as user: UserThread? = nil) throws {
    socket = try ClientSocket(.unix(path), as: user)
  }

  /// Sends a line.
  package func send(_ line: String) async throws { try await send(Array((line + "\n").utf8)) }

  /// Sends bytes as they are.
  package func send(_ bytes: [UInt8]) async throws { try await socket.send(bytes) }

  /// Says that nothing more will be sent.
  package func finish() { socket.finish() }

  /// Goes away.
  package func close() { socket.close() }

  /// The next line, or nil at the end.
  package func line() async throws -> String? {
    try await socket.receiving { [self] in
      while true {
        if let line = rest.withLock({ $0.popLine() }) {
          return String(decoding: line, as: UTF8.self)
        }
        guard let more = try socket.receive() else { return nil }
        rest.withLock { $0.append(more) }
      }
    }
  }

  /// The next line as JSON; throws at the end.
  package func reply() async throws -> JSONTree {
    guard let line = try await line() else {
      throw ConnectionFailure(description: "the connection ended")
    }
    return try JSONTree(parsing: Array(line.utf8))
  }

  /// Sends a line and returns the next one.
  package func ask(_ line: String) async throws -> JSONTree {
    try await send(line)
    return try await reply()
  }
}

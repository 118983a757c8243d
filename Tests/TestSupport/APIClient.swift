package import PromptSandbox
import Synchronization

/// An HTTP client as plain as they come.
package final class APIClient: Sendable {
  private let socket: ClientSocket
  private let reader = Mutex(ResponseReader())

  /// Connects to a server of the API.
  package init(_ place: Sandbox.Place) throws {
    switch place {
    case .unix(let path): socket = try ClientSocket(.unix(path))
    case .loopback(let port): socket = try ClientSocket(.loopback(port))
    }
  }

  /// Sends a request and reads its response.
  package func ask(
    _ body: String = "", method: String = "POST", path: String = "/v1/chat/completions",
    headers: [String] = []
  ) async throws -> APIResponse {
    try await send(Self.request(body, method: method, path: path, headers: headers))
    return try await response()
  }

  /// The bytes of a request.
  package static func request(
    _ body: String, method: String = "POST", path: String = "/v1/chat/completions",
    headers: [String] = []
  ) -> [UInt8] {
    let lines =
      ["\(method) \(path) HTTP/1.1", "Host: test", "Content-Length: \(body.utf8.count)"]
      + headers + ["", body]
    return Array(lines.joined(separator: "\r\n").utf8)
  }

  /// Sends bytes as they are.
  package func send(_ bytes: [UInt8]) async throws { try await socket.send(bytes) }

  /// Reads the next response, which has no body if it is `headOnly`; throws when the connection
  /// ends before one.
  package func response(headOnly: Bool = false) async throws -> APIResponse {
    try await socket.receiving { [self] in
      let next = try reader.withLock { try $0.next(headOnly: headOnly, socket.receive) }
      guard let response = next else {
        throw ConnectionFailure(description: "the connection ended")
      }
      return response
    }
  }

  /// Says that nothing more will be sent.
  package func finish() { socket.finish() }

  /// Goes away.
  package func close() { socket.close() }
}

import Dispatch
import Glibc
package import PromptSandbox
import Synchronization

/// An HTTP client as plain as they come: a blocking socket, used on queues of its own.
package final class APIClient: Sendable {
  /// Nothing came, or the connection broke.
  package struct Failure: Error, CustomStringConvertible {
    package var description: String

    package init(description: String) { self.description = description }
  }

  private let descriptor: Int32
  // Two queues: who sends many requests must read answers meanwhile, or both sides wait.
  private let sending = DispatchQueue(label: "promptd.test.api.send")
  private let receiving = DispatchQueue(label: "promptd.test.api.receive")
  private let reader = Mutex(ResponseReader())
  private let isOpen = Mutex(true)

  /// How long a test waits for what should come at once, in seconds.
  private static let patience = 60

  /// Connects to a sandbox.
  package init(_ place: Sandbox.Place) throws {
    switch place {
    case .unix(let path): descriptor = try Self.connect(path: path)
    case .loopback(let port): descriptor = try Self.connect(port: port)
    }
    var time = timeval(tv_sec: Self.patience, tv_usec: 0)
    let length = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, length)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, length)
  }

  deinit { close() }

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
  package func send(_ bytes: [UInt8]) async throws {
    try await on(sending) { [descriptor] in
      var sent = 0
      while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes {
          Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { throw Self.failure("send") }
        sent += count
      }
    }
  }

  /// Reads the next response; throws when the connection ends before one.
  package func response() async throws -> APIResponse {
    try await on(receiving) { [self] in
      guard let response = try reader.withLock({ try $0.next(receive) }) else {
        throw Failure(description: "the connection ended")
      }
      return response
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

  private func receive() throws -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
    if count < 0, errno != ECONNRESET { throw Self.failure("recv") }
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  private func on<Result: Sendable>(
    _ queue: DispatchQueue, _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Swift.Result { try body() }) }
    }
  }

  private static func failure(_ call: String) -> Failure {
    Failure(description: "\(call): \(String(cString: strerror(errno)))")
  }

  private static func connect(path: String) throws -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return try connect(AF_UNIX, &address)
  }

  private static func connect(port: Int) throws -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    return try connect(AF_INET, &address)
  }

  private static func connect<Address>(_ family: Int32, _ address: inout Address) throws -> Int32 {
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    let size = socklen_t(MemoryLayout<Address>.size)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, size)
      }
    }
    guard result == 0 else {
      defer { Glibc.close(descriptor) }
      throw failure("connect")
    }
    return descriptor
  }
}

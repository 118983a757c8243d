import Dispatch
import Glibc
import Synchronization

/// A blocking socket, used on queues of its own: one for each way, for who sends much must read
/// meanwhile, or both sides wait.
final class ClientSocket: Sendable {
  /// Where to connect.
  enum Place {
    case unix(String)
    /// A port of 127.0.0.1.
    case loopback(Int)
  }

  private let descriptor: Int32
  private let sending = DispatchQueue(label: "promptd.test.client.sending")
  private let receiving = DispatchQueue(label: "promptd.test.client.receiving")
  private let isOpen = Mutex(true)

  /// How long a test waits for what should come at once, in seconds.
  private static let patience = 60

  /// Connects; to a Unix socket as another user if need be, which takes root.
  init(_ place: Place, as user: UserThread? = nil) throws {
    switch place {
    case .unix(let path):
      do {
        descriptor =
          try user?.run { try SocketPath(path).connect() } ?? SocketPath(path).connect()
      } catch {
        throw ConnectionFailure(description: "cannot connect to \(path): \(error)")
      }
    case .loopback(let port): descriptor = try Self.connect(port: port)
    }
    var time = timeval(tv_sec: Self.patience, tv_usec: 0)
    let length = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, length)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, length)
  }

  deinit { close() }

  /// Sends bytes as they are.
  func send(_ bytes: [UInt8]) async throws {
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

  /// Says that nothing more will be sent.
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Goes away.
  func close() {
    let wasOpen = isOpen.withLock { isOpen in
      defer { isOpen = false }
      return isOpen
    }
    if wasOpen { Glibc.close(descriptor) }
  }

  /// Runs `body`, which may call `receive`, where receiving blocks nobody else.
  func receiving<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result { try await on(receiving, body) }

  /// The next bytes; nil at the end of the connection.
  func receive() throws -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
    if count < 0, errno != ECONNRESET { throw Self.failure("nothing came") }
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  private func on<Result: Sendable>(
    _ queue: DispatchQueue, _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Swift.Result { try body() }) }
    }
  }

  private static func failure(_ what: String) -> ConnectionFailure {
    ConnectionFailure(description: "\(what): \(String(cString: strerror(errno)))")
  }

  private static func connect(port: Int) throws -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      defer { Glibc.close(descriptor) }
      throw failure("connect")
    }
    return descriptor
  }
}

import Glibc

/// The address of a Unix socket in the file system.
struct SocketAddress {
  /// Bytes in `sun_path`, its final NUL taken off (unix(7)).
  static let longestPath = 107

  private var address = sockaddr_un()

  /// Throws when the path does not fit.
  init(_ path: String) throws(SystemdError) {
    guard (1...Self.longestPath).contains(path.utf8.count) else {
      throw SystemdError(
        "the socket's path \(path) is longer than \(Self.longestPath) bytes; choose a shorter one "
          + "in listen.socket")
    }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  }

  /// Lends the address to a system call.
  func lend<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}

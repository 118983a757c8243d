import Glibc

/// The address of a Unix socket, for system calls.
struct SocketPath {
  private var address = sockaddr_un()

  init(_ path: String) {
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) {
      $0.copyBytes(from: path.utf8.prefix($0.count - 1))
    }
  }

  /// A new socket that is bound here.
  func bind(_ type: __socket_type) throws -> Int32 {
    try open(type) { Glibc.bind($0, $1, $2) }
  }

  /// A new stream socket that is connected here.
  func connect() throws -> Int32 { try open(SOCK_STREAM) { Glibc.connect($0, $1, $2) } }

  private func open(
    _ type: __socket_type, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(type.rawValue), 0)
    let code = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard code == 0 else {
      defer { close(descriptor) }
      throw TemporaryFolder.Failure(errno: errno)
    }
    return descriptor
  }
}

import Glibc

/// Sockets as any program makes them.
enum SocketCalls {
  /// A Unix socket that is bound to `path`.
  static func bound(_ path: String, _ type: __socket_type = SOCK_STREAM) throws -> Descriptor {
    try open(path, type.rawValue, "bind") { bind($0, $1, $2) }
  }

  /// A Unix stream socket that listens at `path`.
  static func listening(_ path: String, backlog: Int32 = 16) throws -> Descriptor {
    let socket = try bound(path)
    guard listen(socket.number, backlog) == 0 else { throw SystemCallFailure("listen") }
    return socket
  }

  /// A Unix stream socket that is connected to `path`; throws rather than wait.
  static func connected(_ path: String) throws -> Descriptor {
    try open(path, SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue, "connect") {
      connect($0, $1, $2)
    }
  }

  /// An Internet stream socket that listens on a free port, of the loopback interface unless
  /// `everywhere`.
  static func listeningInternet(everywhere: Bool = false) throws -> Descriptor {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let socket = try Descriptor(socket(AF_INET, type, 0), "socket")
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(everywhere ? 0 : 0x7F00_0001).bigEndian
    let code = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0, listen(socket.number, 1) == 0 else { throw SystemCallFailure("bind") }
    return socket
  }

  private static func open(
    _ path: String, _ type: UInt32, _ name: String,
    _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws -> Descriptor {
    let socket = try Descriptor(
      socket(AF_UNIX, Int32(type | SOCK_CLOEXEC.rawValue), 0), "socket")
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
    let code = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call(socket.number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard code == 0 else { throw SystemCallFailure(name) }
    return socket
  }
}

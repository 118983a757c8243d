import Glibc

/// Where a test's socket is.
package enum SocketAddress {
  case unixSocket(String)
  /// A port of the system's choice on 127.0.0.1.
  case loopback

  /// A new stream socket that is bound here.
  package func bound() throws -> Descriptor {
    switch self {
    case .unixSocket(let path):
      let socket = try Descriptor(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) {
        $0.copyBytes(from: path.utf8.prefix($0.count - 1))
      }
      try Self.bind(socket, &address)
      return socket
    case .loopback:
      let socket = try Descriptor(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      try Self.bind(socket, &address)
      return socket
    }
  }

  /// The port of a socket that `.loopback` bound.
  package static func port(of socket: Descriptor) throws -> Int {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutableBytes(of: &address) {
      getsockname(socket.number, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, &length)
    }
    guard code == 0 else { throw SystemError(errno) }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  /// A connection to a listening socket.
  static func connection(to listener: Descriptor) throws -> Descriptor {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return try withUnsafeMutableBytes(of: &address) { bytes in
      let address = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
      guard getsockname(listener.number, address, &length) == 0 else { throw SystemError(errno) }
      let socket = try Descriptor(
        socket(Int32(bytes.load(as: sa_family_t.self)), Int32(SOCK_STREAM.rawValue), 0))
      guard connect(socket.number, address, length) == 0 else { throw SystemError(errno) }
      return socket
    }
  }

  private static func bind<Address>(_ socket: Descriptor, _ address: inout Address) throws {
    let code = withUnsafeBytes(of: &address) {
      Glibc.bind(
        socket.number, $0.assumingMemoryBound(to: sockaddr.self).baseAddress,
        socklen_t(MemoryLayout<Address>.size))
    }
    guard code == 0 else { throw SystemError(errno) }
  }
}

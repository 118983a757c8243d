import Glibc

/// Where a server listens.
package enum Endpoint: Equatable, Sendable {
  /// A Unix stream socket, by its path.
  case unix(String)
  /// A TCP port on 127.0.0.1.
  case loopback(UInt16)

  /// How long a full backlog is waited for.
  private static let patience = timeval(tv_sec: 10, tv_usec: 0)

  /// Connects, waiting while the backlog is full, and returns a blocking descriptor that the caller
  /// closes. Throws `.system`, with ENOENT or ECONNREFUSED where nobody listens.
  package func connect() throws(LoadError) -> Int32 {
    switch self {
    case .unix(let path):
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      let room = MemoryLayout.size(ofValue: address.sun_path) - 1
      guard path.utf8.count <= room else { throw .pathTooLong(path) }
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
      return try Self.connect(AF_UNIX, to: address)
    case .loopback(let port):
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
      let descriptor = try Self.connect(AF_INET, to: address)
      // Requests are written whole: waiting for more would only delay them.
      try Self.set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, Int32(1))
      return descriptor
    }
  }

  private static func connect<Address>(
    _ family: Int32, to address: Address
  ) throws(LoadError) -> Int32 {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(family, kind, 0)
    guard descriptor >= 0 else { throw .failed("socket") }
    do throws(LoadError) {
      // For a blocking connect(2) too, if the socket is a Unix one (unix(7)).
      try set(descriptor, SOL_SOCKET, SO_SNDTIMEO, patience)
    } catch {
      close(descriptor)
      throw error
    }
    let code = withUnsafeBytes(of: address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) {
        Glibc.connect(descriptor, $0.baseAddress, socklen_t(bytes.count))
      }
    }
    guard code == 0 else {
      let error = LoadError.failed("connect")
      close(descriptor)
      throw error
    }
    return descriptor
  }

  private static func set<Value>(
    _ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Value
  ) throws(LoadError) {
    let code = withUnsafeBytes(of: value) {
      setsockopt(descriptor, level, option, $0.baseAddress, socklen_t($0.count))
    }
    guard code == 0 else { throw .failed("setsockopt") }
  }
}

import Glibc

/// The address of a Unix socket in the file system.
struct SocketAddress {
  /// Bytes in `sun_path`, its final NUL taken off (unix(7)).
  static let longestPath = 107

  private var address = sockaddr_un()

  /// Throws when the path does not fit.
  init(_ path: String) throws(SystemdError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw SystemdError("the socket's path is empty or holds a NUL; write one in listen.socket")
    }
    guard path.utf8.count <= Self.longestPath else {
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

  /// Whether an Internet socket is bound to a loopback address (RFC 1122 section 3.2.1.3, RFC 4291
  /// section 2.5.3).
  static func isLoopback(of descriptor: Int32) throws(SystemdError) -> Bool {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let code = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &length)
      }
    }
    guard code == 0 else { throw SystemdError("a socket does not tell its address", errno) }
    return withUnsafePointer(to: address) { storage in
      if address.ss_family == sa_family_t(AF_INET) {
        return storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          UInt32(bigEndian: $0.pointee.sin_addr.s_addr) >> 24 == 127
        }
      }
      return storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
        withUnsafeBytes(of: $0.pointee.sin6_addr) { bytes in
          bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
        }
      }
    }
  }

  /// The path that a socket is bound to, with `@` before an abstract one; empty if it has none.
  static func path(of descriptor: Int32) throws(SystemdError) -> String {
    var address = sockaddr_un()
    var length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let code = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &length)
      }
    }
    guard code == 0 else { throw SystemdError("a socket does not tell its address", errno) }
    guard address.sun_family == sa_family_t(AF_UNIX) else { return "" }
    let used = Int(length) - MemoryLayout<sa_family_t>.size
    return withUnsafeBytes(of: address.sun_path) { bytes in
      let name = bytes.prefix(max(0, used))
      guard name.first == 0 else { return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) }
      return "@" + String(decoding: name.dropFirst(), as: UTF8.self)
    }
  }
}

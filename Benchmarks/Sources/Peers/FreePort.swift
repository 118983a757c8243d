import Glibc

/// TCP ports on 127.0.0.1 that nobody listens on.
enum FreePort {
  /// One that the kernel chose. Somebody else may take it before it is used, and then the program
  /// that wanted it ends with an error.
  static func find() throws(PeerError) -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .failed("socket") }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutableBytes(of: &address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) {
        bind(descriptor, $0.baseAddress, length) == 0
          ? getsockname(descriptor, $0.baseAddress, &length) : -1
      }
    }
    guard code == 0 else { throw .failed("bind") }
    return UInt16(bigEndian: address.sin_port)
  }
}

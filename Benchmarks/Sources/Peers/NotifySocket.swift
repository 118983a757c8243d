import Glibc

/// The socket that a service says READY=1 to (sd_notify(3)).
final class NotifySocket {
  private let descriptor: Int32

  /// Binds a new socket to a path.
  init(_ path: String) throws(PeerError) {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .failed("socket") }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) {
      $0.copyBytes(from: path.utf8.prefix($0.count - 1))
    }
    let code = withUnsafeBytes(of: address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) {
        bind(descriptor, $0.baseAddress, socklen_t(bytes.count))
      }
    }
    guard code == 0 else { throw .failed("bind") }
  }

  deinit { close(descriptor) }

  /// Takes what has been said, waiting so many milliseconds for it; whether READY=1 was.
  func hearsReady(within milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, milliseconds) > 0 else { return false }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    guard count > 0 else { return false }
    return String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n")
      .contains("READY=1")
  }
}

import CSystemd
import Glibc

/// The sockets that systemd handed over (sd_listen_fds(3)).
package enum InheritedSockets {
  /// Takes them, once: they are not passed on to children. Throws for one that promptd cannot
  /// serve.
  package static func take() throws(SystemdError) -> [InheritedSocket] {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    let unset: Int32 = 1
    let count = sd_listen_fds_with_names(unset, &names)
    guard count >= 0 else {
      throw SystemdError("the sockets that systemd handed over cannot be taken", -count)
    }
    defer {
      for index in 0..<Int(count) { free(names?[index]) }
      free(names)
    }
    var sockets: [InheritedSocket] = []
    for index in 0..<count {
      let name = names?[Int(index)].map { String(cString: $0) } ?? ""
      sockets.append(try check(SD_LISTEN_FDS_START + index, name))
    }
    return sockets
  }

  private static func check(
    _ descriptor: Int32, _ name: String
  ) throws(SystemdError) -> InheritedSocket {
    guard sd_is_socket_unix(descriptor, Int32(SOCK_STREAM.rawValue), 1, nil, 0) > 0 else {
      throw SystemdError(
        "the socket \(name) that systemd handed over is no listening Unix stream socket; "
          + "write ListenStream=/path in its unit")
    }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return InheritedSocket(descriptor: descriptor, name: name, path: path(of: descriptor))
  }

  private static func path(of descriptor: Int32) -> String {
    var address = sockaddr_un()
    var length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let code = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &length)
      }
    }
    guard code == 0 else { return "" }
    return withUnsafeBytes(of: address.sun_path) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}

import CSystemd
import Glibc

/// The sockets that systemd handed over (sd_listen_fds(3)).
package enum InheritedSockets {
  /// Takes them, once: they are not passed on to children. Throws for one that promptd cannot
  /// serve. Internet sockets are refused unless `allowingInternet`, because the kernel does not say
  /// who their peers are.
  package static func take(
    allowingInternet: Bool = false
  ) throws(SystemdError) -> [InheritedSocket] {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    let unset: Int32 = 1
    let count = sd_listen_fds_with_names(unset, &names)
    guard count >= 0 else {
      throw SystemdError(
        "the sockets that systemd handed over cannot be taken; look at the socket unit", -count)
    }
    defer {
      for index in 0..<Int(count) { free(names?[index]) }
      free(names)
    }
    var sockets: [InheritedSocket] = []
    for index in 0..<count {
      let name = names?[Int(index)].map { String(cString: $0) } ?? ""
      sockets.append(try check(SD_LISTEN_FDS_START + index, name, allowingInternet))
    }
    return sockets
  }

  private static func check(
    _ descriptor: Int32, _ name: String, _ allowingInternet: Bool
  ) throws(SystemdError) -> InheritedSocket {
    let families = allowingInternet ? [AF_UNIX, AF_INET, AF_INET6] : [AF_UNIX]
    let isListening: Int32 = 1
    let isServable = families.contains {
      sd_is_socket(descriptor, $0, Int32(SOCK_STREAM.rawValue), isListening) > 0
    }
    guard isServable else {
      throw SystemdError(
        "the socket \(name) that systemd handed over is no listening Unix stream socket; "
          + "write ListenStream=/path in its unit")
    }
    guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
      throw SystemdError("the socket \(name) cannot be kept from children", errno)
    }
    return InheritedSocket(
      descriptor: descriptor, name: name, path: try SocketAddress.path(of: descriptor))
  }
}

import CSystemd
import Glibc

/// The sockets that systemd handed over (sd_listen_fds(3)).
package enum InheritedSockets {
  /// `FileDescriptorName=` of a socket at a loopback address: asked for by name, because a port is
  /// open to every user of the machine, and the kernel does not say who they are.
  package static let loopbackName = "http"

  /// Takes them, once: they are not passed on to children. Throws for one that promptd cannot
  /// serve.
  package static func take() throws(SystemdError) -> [InheritedSocket] {
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
      sockets.append(try check(SD_LISTEN_FDS_START + index, name))
    }
    return sockets
  }

  private static func check(
    _ descriptor: Int32, _ name: String
  ) throws(SystemdError) -> InheritedSocket {
    let kind = try kind(of: descriptor, name)
    guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
      throw SystemdError("the socket \(name) cannot be kept from children", errno)
    }
    return InheritedSocket(
      descriptor: descriptor, name: name, path: try SocketAddress.path(of: descriptor), kind: kind)
  }

  private static func kind(
    of descriptor: Int32, _ name: String
  ) throws(SystemdError) -> InheritedSocket.Kind {
    if isListening(descriptor, AF_UNIX) { return .unix }
    guard isListening(descriptor, AF_INET) || isListening(descriptor, AF_INET6) else {
      throw SystemdError(
        "the socket \(name) that systemd handed over is no listening stream socket; write "
          + "ListenStream=/path in its unit")
    }
    guard name == loopbackName else {
      throw SystemdError(
        "the socket \(name) that systemd handed over is no Unix socket; write ListenStream=/path in "
          + "its unit, or FileDescriptorName=\(loopbackName) for the HTTP listener")
    }
    guard try SocketAddress.isLoopback(of: descriptor) else {
      throw SystemdError(
        "the socket \(name) that systemd handed over can be reached from other machines; write a "
          + "loopback address in its unit, as ListenStream=127.0.0.1:4891")
    }
    return .loopback
  }

  private static func isListening(_ descriptor: Int32, _ family: Int32) -> Bool {
    sd_is_socket(descriptor, family, Int32(SOCK_STREAM.rawValue), 1) > 0
  }
}

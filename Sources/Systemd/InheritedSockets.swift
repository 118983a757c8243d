import CSystemd
import Glibc

/// The sockets that systemd handed over (sd_listen_fds(3)).
package enum InheritedSockets {
  /// `FileDescriptorName=` of a socket at a loopback address: asked for by name, because a port is
  /// open to every user of the machine, and the kernel does not say who they are.
  package static let loopbackName = "http"

  /// What systemd handed over.
  package struct Taken: Sendable {
    package var sockets: [InheritedSocket] = []
    /// Why one of them cannot be served.
    package var fault: SystemdError?
  }

  /// Takes them, once: they are not passed on to children. One that promptd cannot serve is a fault,
  /// and still among them if clients can connect to it.
  package static func take() -> Taken {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    let unset: Int32 = 1
    let count = sd_listen_fds_with_names(unset, &names)
    guard count >= 0 else {
      return Taken(
        fault: SystemdError(
          "the sockets that systemd handed over cannot be taken; look at the socket unit", -count))
    }
    defer {
      for index in 0..<Int(count) { free(names?[index]) }
      free(names)
    }
    var taken = Taken()
    for index in 0..<count {
      let name = names?[Int(index)].map { String(cString: $0) } ?? ""
      let descriptor = SD_LISTEN_FDS_START + index
      do throws(SystemdError) {
        let socket = try socket(descriptor, name)
        taken.sockets.append(socket)
        if socket.kind == .loopback { try checkLoopback(descriptor, name) }
      } catch {
        taken.fault = taken.fault ?? error
      }
    }
    return taken
  }

  private static func socket(
    _ descriptor: Int32, _ name: String
  ) throws(SystemdError) -> InheritedSocket {
    guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
      throw SystemdError("the socket \(name) cannot be kept from children", errno)
    }
    let isUnix = isListening(descriptor, AF_UNIX)
    guard isUnix || isListening(descriptor, AF_INET) || isListening(descriptor, AF_INET6) else {
      throw SystemdError(
        "the socket \(name) that systemd handed over is no listening stream socket; write "
          + "ListenStream=/path in its unit")
    }
    return InheritedSocket(
      descriptor: descriptor, name: name, path: try SocketAddress.path(of: descriptor),
      kind: isUnix ? .unix : .loopback)
  }

  private static func checkLoopback(_ descriptor: Int32, _ name: String) throws(SystemdError) {
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
  }

  private static func isListening(_ descriptor: Int32, _ family: Int32) -> Bool {
    sd_is_socket(descriptor, family, Int32(SOCK_STREAM.rawValue), 1) > 0
  }
}

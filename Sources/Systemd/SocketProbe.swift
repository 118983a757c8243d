import CSystemd
import Glibc

/// What came of connecting to a socket to see whether somebody serves it.
enum SocketProbe {
  /// Somebody listens: the process that does, where the kernel tells.
  case answered(pid: Int32?)
  /// Nobody listens: the file is stale, or gone.
  case refused
  /// The system call failed otherwise, with this errno.
  case failed(Int32)

  /// Connects, without waiting, and hangs up.
  init(_ address: SocketAddress) {
    let flags = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    let descriptor = socket(AF_UNIX, Int32(flags), 0)
    guard descriptor >= 0 else {
      self = .failed(errno)
      return
    }
    defer { close(descriptor) }
    guard address.lend({ connect(descriptor, $0, $1) }) != 0 else {
      self = .answered(pid: Self.listener(of: descriptor))
      return
    }
    switch errno {
    case ECONNREFUSED, ENOENT: self = .refused
    // The backlog is full: somebody listens, and is busy (unix(7)).
    case EAGAIN: self = .answered(pid: nil)
    default: self = .failed(errno)
    }
  }

  private static func listener(of descriptor: Int32) -> Int32? {
    do { return try Peer.of(descriptor: descriptor).pid } catch { return nil }
  }
}

import Glibc

/// Connects to a Unix stream socket.
package enum SocketDialer {
  /// Bytes in a path; the field of sockaddr_un holds one more, for the zero (unix(7)).
  package static let longestPath = 107

  /// How long a full backlog may keep a client waiting, in seconds: a daemon that turns at all
  /// takes connections far sooner.
  private static let patience = 5

  /// A connected, blocking descriptor that the caller closes.
  package static func connect(to path: String) throws(ClientError) -> CInt {
    guard path.utf8.count <= longestPath else { throw .pathTooLong(path: path) }
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
    guard descriptor >= 0 else { throw .unreachable(path: path, code: errno) }
    // connect(2) on a full backlog waits for as long as a send may wait.
    setSendTimeout(patience, of: descriptor)
    let code = connect(descriptor, path)
    guard code == 0 else {
      close(descriptor)
      throw .connecting(to: path, code: code)
    }
    setSendTimeout(0, of: descriptor)
    return descriptor
  }

  /// Connects and returns 0, or the errno(3).
  private static func connect(_ descriptor: CInt, _ path: String) -> CInt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    while true {
      let result = withUnsafePointer(to: address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.connect(descriptor, $0, size)
        }
      }
      if result == 0 { return 0 }
      if errno != EINTR { return errno }
    }
  }

  private static func setSendTimeout(_ seconds: Int, of descriptor: CInt) {
    var time = timeval(tv_sec: seconds, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
  }
}

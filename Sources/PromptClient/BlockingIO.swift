import Glibc

/// read(2) and write(2) without their pitfalls: interruptions, short writes, and descriptors that
/// another program has set non-blocking. SIGPIPE must be ignored.
package enum BlockingIO {
  /// An errno(3).
  package struct Fault: Error, Equatable, Sendable {
    package let code: CInt

    package init(code: CInt) { self.code = code }

    /// The system's words for it.
    package var reason: String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }
  }

  /// Fills some of `buffer` and returns how many bytes; 0 at the end.
  package static func read(_ descriptor: CInt, into buffer: inout [UInt8]) throws(Fault) -> Int {
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count >= 0 { return count }
      try wait(for: POLLIN, on: descriptor)
    }
  }

  /// Everything up to the end, at most `limit` bytes; nil if there is more.
  package static func readAll(_ descriptor: CInt, limit: Int) throws(Fault) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = try read(descriptor, into: &buffer)
      if count == 0 { return bytes }
      bytes += buffer[..<count]
      if bytes.count > limit { return nil }
    }
  }

  /// Writes all of `bytes`.
  package static func write(
    _ bytes: some Collection<UInt8>, to descriptor: CInt
  ) throws(Fault) {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 { rest = rest.dropFirst(count) } else { try wait(for: POLLOUT, on: descriptor) }
    }
  }

  /// Waits after a call that failed for now; throws if it failed for good.
  private static func wait(for events: CInt, on descriptor: CInt) throws(Fault) {
    let code = errno
    if code == EINTR { return }
    guard code == EAGAIN else { throw Fault(code: code) }
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    if poll(&entry, 1, -1) < 0, errno != EINTR { throw Fault(code: errno) }
  }
}

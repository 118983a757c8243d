import Glibc

/// A descriptor of a test, closed with the last reference or before.
final class Descriptor {
  let number: Int32
  private var isOpen = true

  /// Takes the descriptor that the system call `name` returned.
  init(_ number: Int32, _ name: String) throws {
    guard number >= 0 else { throw SystemCallFailure(name) }
    self.number = number
  }

  deinit { close() }

  func close() {
    if isOpen { Glibc.close(number) }
    isOpen = false
  }

  /// Two Unix stream sockets that are connected with each other. They serve as pipes too, because
  /// Swift's Glibc module has no pipe2(2), and without it an end may leak into another test's child.
  static func socketPair() throws -> (Descriptor, Descriptor) {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw SystemCallFailure("socketpair") }
    return (try Descriptor(ends[0], "socketpair"), try Descriptor(ends[1], "socketpair"))
  }

  /// Writes to a socket until it takes no more; whoever writes next must wait.
  func fill() throws {
    let bytes = [UInt8](repeating: UInt8(ascii: "."), count: 4096)
    for size in [bytes.count, 1] {
      while send(number, bytes, size, Int32(MSG_DONTWAIT)) > 0 {}
      guard errno == EAGAIN else { throw SystemCallFailure("send") }
    }
  }

  /// Reads until `text` was read or the other end was closed, and returns all of it.
  func read(until text: String? = nil) throws -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = Glibc.read(number, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemCallFailure("read") }
      bytes += buffer[..<count]
      let soFar = String(decoding: bytes, as: UTF8.self)
      if count == 0 || text.map(soFar.contains) ?? false { return soFar }
    }
  }
}

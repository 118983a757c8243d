import Glibc

/// A file descriptor that is closed with the last reference.
package final class Descriptor: Sendable {
  package let number: Int32

  /// Takes over what a system call returned.
  package init(_ number: Int32) throws {
    guard number >= 0 else { throw SystemError(errno) }
    self.number = number
  }

  deinit { close(number) }
}

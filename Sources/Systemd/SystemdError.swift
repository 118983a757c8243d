import Glibc

/// Something about sockets or peers that the system refused, as a sentence to act on.
package struct SystemdError: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String

  init(_ description: String) { self.description = description }

  /// A system call that failed, with the system's own words.
  init(_ what: String, _ code: Int32) {
    description = "\(what): \(String(cString: strerror(code)))"
  }
}

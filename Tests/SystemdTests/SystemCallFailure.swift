import Glibc

/// A system call of a test that failed.
struct SystemCallFailure: Error, CustomStringConvertible {
  let description: String

  /// Takes the reason from errno, or from `code`.
  init(_ name: String, code: Int32 = errno) {
    description = "\(name): \(String(cString: strerror(code)))"
  }
}

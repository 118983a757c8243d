import Glibc
package import LoadGenerator

/// Why a program that is measured, or measures, did not do its part.
package enum PeerError: Error, Equatable, CustomStringConvertible {
  /// A program that no folder of the PATH has.
  case notInstalled(String)
  /// A system call failed, with its errno(3).
  case system(call: String, code: Int32)
  /// A program ended before it was ready, or with a failure: what it said last on standard error.
  case ended(program: String, status: ExitStatus, lastWords: String)
  /// A program was not done, or not ready, after so many seconds.
  case late(program: String, seconds: Int)
  /// A program said something else than it should.
  case unexpected(program: String, output: String)
  /// A connection to it could not be made, or its answers were no good.
  case load(program: String, LoadError)

  package var description: String {
    switch self {
    case .notInstalled(let program):
      "\(program) is not installed"
    case .system(let call, let code):
      "\(call): \(strerror(code).map { String(cString: $0) } ?? "error \(code)")"
    case .ended(let program, let status, let lastWords):
      "\(program) \(status)\(lastWords.isEmpty ? "" : ": \(lastWords)")"
    case .late(let program, let seconds):
      "\(program) took longer than \(seconds) s"
    case .unexpected(let program, let output):
      "\(program) said \(output)"
    case .load(let program, let error):
      "\(program): \(error)"
    }
  }

  /// What the system call that has just failed says.
  static func failed(_ call: String) -> Self { .system(call: call, code: errno) }
}

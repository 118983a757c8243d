import Glibc

/// Why a load could not be driven, or why its figures must not be used.
package enum LoadError: Error, Equatable, CustomStringConvertible {
  /// A system call failed, with its errno(3).
  case system(call: String, code: Int32)
  /// The path does not fit into the address of a Unix socket.
  case pathTooLong(String)
  /// There is nothing to send.
  case noRequests(from: String)
  /// Answers that are errors, connections that were lost, and how the first of them began.
  case failedAnswers(errors: Int, lost: Int, first: String)
  /// So many seconds without an answer, while so many requests waited for theirs.
  case silence(seconds: Int, waiting: Int)

  package var description: String {
    switch self {
    case .system(let call, let code):
      "\(call): \(strerror(code).map { String(cString: $0) } ?? "error \(code)")"
    case .pathTooLong(let path):
      "the path \(path) is too long for a socket"
    case .noRequests(let source):
      "\(source) holds no request"
    case .failedAnswers(let errors, let lost, let first):
      "\(errors) answers were errors and \(lost) connections were lost; the first: \(first)"
    case .silence(let seconds, let waiting):
      "no answer for \(seconds) s, while \(waiting) requests waited for theirs"
    }
  }

  /// What the system call that has just failed says.
  static func failed(_ call: String) -> Self { .system(call: call, code: errno) }
}

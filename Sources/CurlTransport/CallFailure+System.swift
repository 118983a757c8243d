import CCurl
import Glibc

extension CallFailure {
  /// A system call failed in a way that promptd cannot work around.
  static func system(_ function: String, _ code: Int32) -> CallFailure {
    let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return CallFailure(
      kind: .internalFault,
      message: "\(function) failed: \(reason). Check the memory and descriptor limits of promptd.")
  }

  /// libcurl's multi interface failed, which the documentation calls a fault of the caller or of
  /// the memory (libcurl-errors(3)).
  static func multi(_ function: String, _ code: CURLMcode) -> CallFailure {
    let reason = curl_multi_strerror(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
    return CallFailure(
      kind: .internalFault, message: "\(function) failed: \(reason). Restart promptd.")
  }
}

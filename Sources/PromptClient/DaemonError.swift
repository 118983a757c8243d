import JSON
package import PromptProtocol

/// An error that the daemon answered with, read from either form of the line dialect.
package struct DaemonError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The error's name as it was sent; a newer daemon may have names that are not known here.
  package var type: String
  package var message: String
  /// The member at fault, such as `messages[2].role`.
  package var param: String?
  /// Seconds after which to try again.
  package var retryAfter: Double?

  package init(
    type: String, message: String, param: String? = nil, retryAfter: Double? = nil
  ) {
    self.type = type
    self.message = message
    self.param = param
    self.retryAfter = retryAfter
  }

  /// Reads a message's member `error`: `data.type` in JSON-RPC, `type` in a bare line.
  init(_ error: JSONValue) {
    let details = error["data"] ?? error
    type = details["type"]?.string ?? ErrorName.internalError.rawValue
    message = error["message"]?.string ?? "the daemon gave no reason"
    param = details["param"]?.string
    retryAfter = details["retry_after"]?.double
  }

  /// The name, where it is one that this program knows.
  package var name: ErrorName? { ErrorName(rawValue: type) }

  /// The exit code of a command that ends with this error: 76, a matter of protocol, for names
  /// that are not known.
  package var exitCode: Int32 { name?.exitCode ?? 76 }

  package var description: String {
    let retry = retryAfter.map { "; try again in \($0.formattedSeconds) s" } ?? ""
    return "\(message)\(retry) (\(type))"
  }
}

extension Double {
  /// The number without a fraction that says nothing.
  fileprivate var formattedSeconds: String { Int(exactly: self).map(String.init) ?? description }
}

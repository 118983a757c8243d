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
  /// What the upstream said, where it refused.
  package var reason: String?

  package init(
    type: String, message: String, param: String? = nil, retryAfter: Double? = nil,
    reason: String? = nil
  ) {
    self.reason = reason
    self.type = type
    self.message = message
    self.param = param
    self.retryAfter = retryAfter
  }

  /// Reads a message with the member `error`: in JSON-RPC what is known stands in `error.data`, in a
  /// bare line in `promptd`.
  init(_ error: JSONValue, in message: JSONValue) {
    let details = error["data"] ?? error
    let info = error["data"] ?? message["promptd"]
    type = details["type"]?.string ?? ErrorName.internalError.rawValue
    self.message = error["message"]?.string ?? "the daemon gave no reason"
    param = details["param"]?.string
    retryAfter = info?["retry_after"]?.double
    reason = Self.reason(in: info?["body"])
  }

  /// An API's error is an object with a message, mostly within another.
  private static func reason(in body: JSONValue?) -> String? {
    guard let body else { return nil }
    let message = body["error"]?["message"] ?? body["message"] ?? body["error"]
    return message?.string.map { String($0.prefix(longestReason)) }
  }

  private static let longestReason = 500

  /// The name, where it is one that this program knows.
  package var name: ErrorName? { ErrorName(rawValue: type) }

  /// The exit code of a command that ends with this error: 76, a matter of protocol, for names
  /// that are not known.
  package var exitCode: Int32 { name?.exitCode ?? 76 }

  package var description: String {
    let retry = retryAfter.map { "; try again in \($0.formattedSeconds) s" } ?? ""
    let why = reason.map { ": \($0)" } ?? ""
    return "\(message)\(why)\(retry) (\(type))"
  }
}

extension Double {
  /// The number without a fraction that says nothing.
  fileprivate var formattedSeconds: String { Int(exactly: self).map(String.init) ?? description }
}

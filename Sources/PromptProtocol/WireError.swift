package import JSON

/// An error as a client gets it: the name, a sentence to act on, and what is known of the request.
///
/// The message never holds a prompt or a key.
package struct WireError: Error, Equatable, Sendable, CustomStringConvertible {
  package var name: ErrorName
  package var message: String
  /// The member at fault, such as `messages[2].role`.
  package var param: String?
  /// What happened to the request, as far as it came.
  package var info: ReplyInfo

  package init(
    _ name: ErrorName, _ message: String, param: String? = nil, info: ReplyInfo = .init()
  ) {
    self.name = name
    self.message = message
    self.param = param
    self.info = info
  }

  /// The HTTP status: that of the name, or the upstream's own where it refused.
  package var httpStatus: Int {
    guard name == .upstreamError, let status = info.status, (400...599).contains(status) else {
      return name.httpStatus
    }
    return status
  }

  package var description: String { "\(name.rawValue): \(message)" }

  /// Writes the `error` member of a JSON-RPC response.
  package func writeRPC(to writer: inout JSONWriter) {
    writer.object {
      $0.member("code", name.code)
      $0.member("message", message)
      $0.name("data")
      $0.object {
        $0.member("type", name.rawValue)
        if let param { $0.member("param", param) }
        info.writeMembers(to: &$0)
      }
    }
  }

  /// Writes OpenAI's error object with the member `promptd` beside it.
  package func writeBare(to writer: inout JSONWriter) {
    writer.object {
      $0.name("error")
      $0.object {
        $0.member("message", message)
        $0.member("type", name.rawValue)
        $0.name("code")
        $0.null()
        $0.name("param")
        if let param { $0.string(param) } else { $0.null() }
      }
      $0.name("promptd")
      $0.object { info.writeMembers(to: &$0) }
    }
  }
}

import JSON

/// An error as the API sends it: a status and one object with a sentence.
struct APIFault: Error, Equatable, Sendable {
  /// The HTTP status, also sent as the error's `code`.
  var status: Int
  var message: String
  /// The member of the body that is at fault, if it is one.
  var param: String?

  init(_ message: String, status: Int = 400, param: String? = nil) {
    self.status = status
    self.message = message
    self.param = param
  }

  private var type: String {
    switch status {
    case 429: "rate_limit_error"
    case 500...: "server_error"
    default: "invalid_request_error"
    }
  }

  /// `{"error": {…}}`, compact.
  var body: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.name("error")
      writer.object {
        $0.member("message", message)
        $0.member("type", type)
        $0.name("param")
        if let param { $0.string(param) } else { $0.null() }
        $0.member("code", status)
      }
    }
    return writer.bytes
  }
}

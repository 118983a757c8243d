/// How requests and answers stand on the wire.
package enum Dialect: Equatable, Sendable {
  /// One JSON object a line, one line an answer, in the order of the requests.
  case lines
  /// The same, where an answer is any number of `chat.chunk` notifications and then its line.
  case streamedLines
  /// HTTP/1.1 with kept-alive connections, to one path with further header lines, each ended by
  /// CR LF.
  case http(path: String, headers: String)

  /// The path that promptd and its like take completions at.
  package static let completions = Dialect.http(path: "/v1/chat/completions", headers: "")

  /// A body as one request.
  func request(_ body: some Collection<UInt8>) -> [UInt8] {
    switch self {
    case .lines, .streamedLines:
      return Array(body) + [UInt8(ascii: "\n")]
    case .http(let path, let headers):
      let head =
        "POST \(path) HTTP/1.1\r\nHost: promptd\r\nContent-Type: application/json\r\n"
        + "Content-Length: \(body.count)\r\n\(headers)\r\n"
      return Array(head.utf8) + Array(body)
    }
  }
}

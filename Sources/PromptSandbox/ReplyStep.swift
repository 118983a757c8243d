import NIOCore
import NIOHTTP1

/// One step of a reply; a reply is a list of them and ends with `finish`, `cut` or `hang`.
enum ReplyStep: Equatable, Sendable {
  /// Says the status and the headers.
  case head(status: Int, headers: HTTPHeaders)
  /// Says a part of the body, never an empty one.
  case send([UInt8])
  case wait(TimeAmount)
  /// Ends the response as HTTP wants it; the connection may serve the next request.
  case finish
  /// Closes the connection in the middle of the response.
  case cut
  /// Does nothing until the caller goes away.
  case hang

  /// Whether no step follows it.
  var isLast: Bool {
    switch self {
    case .finish, .cut, .hang: true
    case .head, .send, .wait: false
    }
  }
}

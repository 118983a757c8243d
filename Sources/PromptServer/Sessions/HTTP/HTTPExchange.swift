import NIOCore
import NIOHTTP1
import PromptCore
import PromptProtocol

/// One request over HTTP and how far its reply has come. It belongs to one session, which hands it on
/// from state to state by reference.
final class HTTPExchange {
  let head: HTTPRequestHead
  /// Nil where nothing is served.
  let target: HTTPTarget?
  let caller: Caller
  /// What the headers say of how it wants to be treated.
  var options = RequestOptions()
  var body = ByteBuffer()
  /// Its body, byte for byte, is none that can be answered from memory.
  var isKnownNew = false
  /// Bytes of a body that waits in the queue.
  var bodyBytes = 0
  /// What is wrong with it, told once all of it has come.
  var fault: HTTPFault?
  /// The request that the broker knows it by.
  var request: RequestID?
  var wants = ChatDesk.Form(streams: false, includesUsage: false)
  /// The head of a stream has been sent.
  var hasBegun = false
  /// A chunk that may be the last one, which has more to say.
  var held: AnswerChunk?

  /// Whether the connection goes on after the reply. Who wants to speak something else is answered
  /// once, for nothing more can be read of them (RFC 9110 section 7.8); and where HTTP/1.0 reads a
  /// stream, its end is that of the connection.
  var keepsAlive: Bool {
    head.isKeepAlive && head.method != .CONNECT && !head.headers.contains(name: "upgrade")
      && !(head.version == .http1_0 && hasBegun)
  }

  /// Whether it asks for a chat, another request of the same head differs in its body alone, and its
  /// connection goes on.
  var isRepeatable: Bool {
    target == .chat && head.method == .POST && fault == nil && head.version == .http1_1
      && keepsAlive && options == RequestOptions() && !head.headers.contains(name: "expect")
  }

  /// Whether only the head of the reply is wanted.
  var isHeadOnly: Bool { head.method == .HEAD }

  /// A request whose head has come.
  init(head: HTTPRequestHead, caller: Caller) {
    self.head = head
    self.caller = caller
    target = Self.target(of: head.uri)
    do throws(WireError) {
      options = try RequestOptions {
        let lines = head.headers[$0]
        return lines.isEmpty ? nil : lines.joined(separator: ",")
      }
    } catch {
      fault = HTTPFault(error)
    }
    check()
  }

  private static func target(of uri: String) -> HTTPTarget? {
    // As nearly all ask, before it is taken apart.
    uri == "/v1/chat/completions" ? .chat : HTTPTarget(path: path(of: uri))
  }

  /// The path of a request's target, which may be a whole URI (RFC 9112 section 3.2.2).
  private static func path(of uri: String) -> Substring {
    var path = uri.prefix { $0 != "?" }
    for scheme in ["http://", "https://"] where path.lowercased().hasPrefix(scheme) {
      path = path.dropFirst(scheme.count).drop { $0 != "/" }
    }
    return path
  }

  /// Notes what is wrong with the head.
  private func check() {
    // RFC 9112 section 3.2: two of them may mean one thing to us and another to who stands before us.
    let hosts = head.headers["host"].count
    if hosts > 1 || hosts == 0 && head.version != .http1_0 {
      fault = HTTPFault(status: 400, "an HTTP/1.1 request needs the header Host, once")
    }
    guard let target, head.method != .OPTIONS, !target.takes(method: head.method.rawValue) else {
      return
    }
    fault = HTTPFault(
      status: 405, "\(head.method.rawValue) is not taken here: use \(target.allowed)",
      allowed: target.allowed)
  }

  /// Takes more of the body; past `limit` bytes that is a fault.
  func take(_ bytes: inout ByteBuffer, limit: Int) {
    if fault != nil { return }
    guard body.readableBytes + bytes.readableBytes <= limit else {
      fault = .tooLarge(limit)
      return body = ByteBuffer()
    }
    body.writeBuffer(&bytes)
  }
}

/// An error and the status that it is told with.
struct HTTPFault {
  var status: Int
  var error: WireError
  /// The methods that would be taken.
  var allowed: String?

  /// An error with the status of its name.
  init(_ error: WireError) {
    self.error = error
    status = error.httpStatus
  }

  /// A body of more than `limit` bytes.
  static func tooLarge(_ limit: Int) -> HTTPFault {
    HTTPFault(WireError(.tooLarge, "the body is longer than max_line_bytes (\(limit))"))
  }

  /// An error that HTTP alone knows.
  init(status: Int, _ message: String, allowed: String? = nil) {
    self.status = status
    self.allowed = allowed
    error = WireError(.invalidRequest, message)
  }
}

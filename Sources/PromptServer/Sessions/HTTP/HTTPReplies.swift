import JSON
import NIOCore
import NIOHTTP1
import PromptCore
import PromptProtocol

/// The heads and bodies of replies over HTTP.
enum HTTPReplies {
  /// The head of a whole answer, or of a stream of which `info` is known by now.
  static func headers(of info: ReplyInfo, writer: inout JSONWriter) -> HTTPHeaders {
    writer.clear()
    writer.object { info.writeMembers(to: &$0, withBodies: false) }
    var headers = HTTPHeaders()
    headers.reserveCapacity(8)
    headers.add(name: "X-Promptd", value: HeaderText.ascii(json: writer.bytes))
    if let request = info.request {
      headers.add(name: "X-Promptd-Request", value: request.description)
    }
    if let cache = info.cache { headers.add(name: "X-Promptd-Cache", value: cache.rawValue) }
    if let age = info.age { headers.add(name: "Age", value: String(age)) }
    if let seconds = info.retryAfter {
      // Whole seconds (RFC 9110 section 10.2.3), and never too early.
      let whole = min(max(0, seconds), RequestOptions.longestSeconds).rounded(.up)
      headers.add(name: "Retry-After", value: String(Int(whole)))
    }
    return headers
  }

  /// The head and body of a hit, to a client of HTTP/1.1 whose connection goes on; nil where its head
  /// would hold more than ASCII.
  static func whole(
    _ hit: Hit, writer: inout JSONWriter, _ end: inout HitEnd
  ) -> ByteBuffer? {
    writer.clear()
    hit.writeObject(to: &writer, &end)
    guard writer.bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
    let completion = hit.answer.completion
    writer.append("\r\nX-Promptd-Request: ")
    hit.request.append(to: &writer.bytes)
    writer.append("\r\nX-Promptd-Cache: hit\r\nAge: ")
    writer.appendDigits(of: hit.answer.age(now: hit.now))
    writer.append("\r\nContent-Type: application/json\r\nContent-Length: ")
    writer.appendDigits(of: completion.count)
    writer.append("\r\n\r\n")
    var bytes = ByteBuffer()
    bytes.reserveCapacity(writer.bytes.count + completion.count + 32)
    bytes.writeStaticString("HTTP/1.1 200 OK\r\nX-Promptd: ")
    bytes.writeBytes(writer.bytes)
    bytes.writeBytes(completion)
    return bytes
  }

  /// The head and body of an error.
  static func error(
    _ fault: HTTPFault, writer: inout JSONWriter
  ) -> (headers: HTTPHeaders, body: [UInt8]) {
    var headers = headers(of: fault.error.info, writer: &writer)
    if !fault.error.name.isWorthRetrying { headers.add(name: "x-should-retry", value: "false") }
    if let allowed = fault.allowed { headers.add(name: "Allow", value: allowed) }
    headers.add(name: "Content-Type", value: "application/json")
    var body = JSONWriter()
    fault.error.writeBare(to: &body)
    return (headers, body.bytes)
  }

  /// One event of a stream.
  static func event(_ json: [UInt8]) -> ByteBuffer {
    var bytes = ByteBuffer()
    bytes.reserveCapacity(json.count + 8)
    bytes.writeStaticString("data: ")
    bytes.writeBytes(json)
    bytes.writeStaticString("\n\n")
    return bytes
  }

  /// The last chunk of a stream, which says all that happened: without a chunk of the answer's
  /// own, one that holds nothing else.
  static func lastEvent(
    _ chunk: [UInt8]?, _ info: ReplyInfo, writer: inout JSONWriter
  ) -> ByteBuffer {
    writer.clear()
    writer.object { info.writeMembers(to: &$0) }
    // A chunk is one compact object, so its last byte is the brace.
    let lead = chunk ?? Array(#"{"object":"chat.completion.chunk","choices":[]}"#.utf8)
    var bytes = ByteBuffer()
    bytes.writeStaticString("data: ")
    bytes.writeBytes(lead.dropLast())
    bytes.writeStaticString(",\"promptd\":")
    bytes.writeBytes(writer.bytes)
    bytes.writeStaticString("}\n\ndata: [DONE]\n\n")
    return bytes
  }

  /// A stream that died: an event that SDKs raise, and no `[DONE]` after it.
  static func event(_ error: WireError) -> ByteBuffer {
    var writer = JSONWriter()
    error.writeBare(to: &writer)
    return event(writer.bytes)
  }
}

import TestSupport

/// What scripted upstreams say, as text on the wire.
enum Answers {
  /// The text of every good answer.
  static let text = "a good answer"

  /// The head and body of an answer with its length.
  static func whole(
    _ body: String, status: String = "200 OK", type: String = "application/json",
    headers: [String] = []
  ) -> String {
    let head =
      ["HTTP/1.1 \(status)", "Content-Type: \(type)", "Content-Length: \(body.utf8.count)"]
      + headers
    return head.map { $0 + "\r\n" }.joined() + "\r\n" + body
  }

  /// A refusal as the API words it.
  static func refusal(_ status: String, headers: [String] = []) -> String {
    whole(#"{"error":{"message":"no","type":"refused"}}"#, status: status, headers: headers)
  }

  /// A good answer to a request.
  static func good(_ request: FakeRequest) -> String {
    request.streams
      ? stream(chunk(text), chunk("", finish: #""stop""#), "[DONE]")
      : whole(completion(text))
  }

  /// A whole completion.
  static func completion(_ text: String) -> String {
    #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"\#(text)"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"#
  }

  /// The data of a chunk.
  static func chunk(_ text: String, finish: String = "null") -> String {
    #"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"\#(text)"},"finish_reason":\#(finish)}]}"#
  }

  /// The head of a stream, which comes in HTTP chunks.
  static let streamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

  /// One event, in an HTTP chunk of its own.
  static func event(_ data: String) -> String {
    let event = "data: \(data)\n\n"
    return "\(String(event.utf8.count, radix: 16))\r\n\(event)\r\n"
  }

  /// A stream that has begun with these events.
  static func begun(_ events: String...) -> String {
    streamHead + events.map(event).joined()
  }

  /// A stream of these events, as a response that comes to its end.
  static func stream(_ events: String...) -> String {
    streamHead + events.map(event).joined() + "0\r\n\r\n"
  }
}

extension FakeRequest {
  /// Whether it asks for a stream.
  var streams: Bool { String(decoding: body, as: UTF8.self).contains(#""stream":true"#) }

  /// Whether it asks this question.
  func asks(_ text: String) -> Bool {
    String(decoding: body, as: UTF8.self).contains(#""content":"\#(text)""#)
  }
}

import JSON
import TestSupport

/// What came of a question, in whichever dialect it was asked.
struct Outcome {
  var chunks: [JSONTree] = []
  /// The answer in one piece, which HTTP does not send after a stream.
  var completion: JSONTree?
  /// OpenAI's error object, or JSON-RPC's.
  var error: JSONTree?
  /// What promptd says of it.
  var info: JSONTree?
  /// The HTTP response, where there is one.
  var response: APIResponse?

  /// Nothing has come yet.
  init() {}

  /// Reads an HTTP response.
  init(_ response: APIResponse) throws {
    self.response = response
    if response.headers["content-type"]?.hasPrefix("text/event-stream") == true {
      for event in try response.chunks { add(event) }
      info = chunks.last?["promptd"] ?? info
    } else {
      add(try response.json)
      if info == nil { info = try response.promptd }
    }
  }

  /// Whether the last line has come.
  var isOver: Bool { completion != nil || error != nil }

  /// Takes a line of either kind, or the body of a response or event.
  mutating func add(_ line: JSONTree) {
    if let result = line["result"] {
      add(result)
    } else if let chunk = line["params"]?["chunk"] {
      add(chunk)
    } else if let error = line["error"] {
      self.error = error
      info = line["promptd"] ?? error["data"]
    } else if line["object"]?.string == "chat.completion.chunk" {
      chunks.append(line)
    } else {
      completion = line
      info = line["promptd"]
    }
  }

  /// The name of the error.
  var type: String? { (error?["data"] ?? error)?["type"]?.string }

  /// Whether it looks like an answer that has come to its end.
  var isFinished: Bool {
    completion != nil || response?.events.contains("[DONE]") == true
  }

  /// The text of the answer as far as it came.
  var text: String {
    completion?["choices"]?[0]?["message"]?["content"]?.string
      ?? chunks.compactMap { $0["choices"]?[0]?["delta"]?["content"]?.string }.joined()
  }
}

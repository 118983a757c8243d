import JSON

/// One HTTP response as far as it came.
struct APIResponse: Sendable {
  var status: Int
  /// By name in lower case.
  var headers: [String: String]
  var body: [UInt8]
  /// The sizes of the body's HTTP chunks, if it came in such.
  var chunkSizes: [Int]
  /// Whether the response ended as its head promised.
  var isComplete: Bool

  /// The body as JSON.
  var json: JSONTree {
    get throws { try JSONTree(parsing: body) }
  }

  /// The data of the body's events, `[DONE]` included.
  var events: [String] {
    String(decoding: body, as: UTF8.self).split(separator: "\n\n").map {
      String($0.hasPrefix("data: ") ? $0.dropFirst(6) : $0)
    }
  }

  /// The events but `[DONE]`, as JSON.
  var chunks: [JSONTree] {
    get throws {
      try events.filter { $0 != "[DONE]" }.map { try JSONTree(parsing: Array($0.utf8)) }
    }
  }

  /// The text of the first choice.
  var content: String? {
    get throws { try json["choices"]?[0]?["message"]?["content"]?.string }
  }
}

package import JSON

/// One HTTP response as far as it came.
package struct APIResponse: Sendable {
  package var status: Int
  /// By name in lower case.
  package var headers: [String: String]
  package var body: [UInt8]
  /// The sizes of the body's HTTP chunks, if it came in such.
  package var chunkSizes: [Int]
  /// Whether the response ended as its head promised.
  package var isComplete: Bool

  /// The body as JSON.
  package var json: JSONTree {
    get throws { try JSONTree(parsing: body) }
  }

  /// The data of the body's events, `[DONE]` included.
  package var events: [String] {
    String(decoding: body, as: UTF8.self).split(separator: "\n\n").map {
      String($0.hasPrefix("data: ") ? $0.dropFirst(6) : $0)
    }
  }

  /// The events but `[DONE]`, as JSON.
  package var chunks: [JSONTree] {
    get throws {
      try events.filter { $0 != "[DONE]" }.map { try JSONTree(parsing: Array($0.utf8)) }
    }
  }

  /// What promptd says of it in the header.
  package var promptd: JSONTree? {
    get throws {
      try headers["x-promptd"].map { try JSONTree(parsing: Array($0.utf8)) }
    }
  }

  /// The text of the first choice.
  package var content: String? {
    get throws { try json["choices"]?[0]?["message"]?["content"]?.string }
  }
}

/// Reads HTTP responses from bytes as they come.
struct ResponseReader {
  private var rest: [UInt8] = []
  private var hasEnded = false

  /// Reads one response; `receive` brings the next bytes, nil at the end of the connection. Nil
  /// when the connection ends before a whole head.
  mutating func next(
    headOnly: Bool = false, _ receive: () throws -> [UInt8]?
  ) throws -> APIResponse? {
    guard let head = try line(receive) else { return nil }
    let status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
    var response = APIResponse(
      status: status, headers: [:], body: [], chunkSizes: [], isComplete: false)
    while let line = try line(receive), !line.isEmpty {
      let parts = line.split(separator: ":", maxSplits: 1)
      response.headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
    }
    if headOnly {
      response.isComplete = true
    } else if let length = response.headers["content-length"].flatMap({ Int($0) }) {
      response.body = try take(length, receive)
      response.isComplete = response.body.count == length
    } else if response.headers["transfer-encoding"] == nil {
      response.isComplete = true  // such as 100 and 204
    } else {
      try readChunks(into: &response, receive)
    }
    return response
  }

  private mutating func readChunks(
    into response: inout APIResponse, _ receive: () throws -> [UInt8]?
  ) throws {
    while let line = try line(receive), let size = Int(line, radix: 16) {
      let part = try take(size, receive)
      response.body += part
      guard part.count == size, try self.line(receive) != nil else { return }
      if size == 0 {
        response.isComplete = true
        return
      }
      response.chunkSizes.append(size)
    }
  }

  /// The next line without its end, or nil when there is none.
  private mutating func line(_ receive: () throws -> [UInt8]?) throws -> String? {
    while true {
      if let end = rest.firstIndex(of: 0x0A) {
        defer { rest.removeSubrange(...end) }
        return String(decoding: rest[..<end].filter { $0 != 0x0D }, as: UTF8.self)
      }
      guard try more(receive) else { return nil }
    }
  }

  /// So many bytes, or fewer at the end.
  private mutating func take(
    _ count: Int, _ receive: () throws -> [UInt8]?
  ) throws -> [UInt8] {
    while rest.count < count, try more(receive) {}
    defer { rest.removeFirst(min(count, rest.count)) }
    return Array(rest.prefix(count))
  }

  private mutating func more(_ receive: () throws -> [UInt8]?) throws -> Bool {
    guard !hasEnded, let bytes = try receive() else {
      hasEnded = true
      return false
    }
    rest += bytes
    return true
  }
}

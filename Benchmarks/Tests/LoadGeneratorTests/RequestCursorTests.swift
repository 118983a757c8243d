import Testing

@testable import LoadGenerator

struct RequestCursorTests {
  @Test func requestsInARowAreOnePieceAndBeginAnewAtTheEnd() throws {
    let book = try RequestBook(["a", "bb", "ccc"].map { Array($0.utf8) }, as: .lines)
    let taken = book.bytes.withUnsafeBytes { bytes in
      book.starts.withUnsafeBufferPointer { starts in
        var cursor = RequestCursor(bytes: bytes, starts: starts)
        return (0..<3).map { _ in
          let (bytes, count) = cursor.take(2)
          return "\(count) \(String(decoding: bytes, as: UTF8.self))"
        }
      }
    }
    #expect(taken == ["2 a\nbb\n", "1 ccc\n", "2 a\nbb\n"])
  }

  @Test func aBodyOfHTTPHasItsLength() throws {
    let book = try RequestBook([Array("{}".utf8)], as: .http(path: "/x", headers: "A: b\r\n"))
    #expect(
      String(decoding: book.bytes, as: UTF8.self)
        == "POST /x HTTP/1.1\r\nHost: promptd\r\nContent-Type: application/json\r\n"
        + "Content-Length: 2\r\nA: b\r\n\r\n{}")
  }

  @Test func aBookWithoutRequestsIsRefused() {
    #expect(throws: LoadError.noRequests(from: "the list")) {
      try RequestBook([[UInt8]](), as: .lines)
    }
  }
}

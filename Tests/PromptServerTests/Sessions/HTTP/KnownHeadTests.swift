import NIOHTTP1
import Testing

@testable import PromptServer

struct KnownHeadTests {
  private static let start = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n"
  private let known = KnownHeadTests.known("Content-Length: 2\r\nAccept: */*\r\n\r\n")

  private static func known(_ rest: String) -> KnownHead? {
    Array((start + rest).utf8).withUnsafeBytes { bytes in
      KnownHead(
        HTTPRequestHead(version: .http1_1, method: .POST, uri: "/v1/chat/completions"), bytes)
    }
  }

  /// The body that is found in a request.
  private func body(_ rest: String, start: String = KnownHeadTests.start) -> String? {
    Array((start + rest).utf8).withUnsafeBytes { request in
      known?.body(of: request).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  @Test func theSameHeadIsKnownWhateverTheLengthIs() {
    #expect(body("Content-Length: 2\r\nAccept: */*\r\n\r\n{}") == "{}")
    #expect(body("Content-Length: 10\r\nAccept: */*\r\n\r\n0123456789") == "0123456789")
    #expect(body("Content-Length: 0\r\nAccept: */*\r\n\r\n") == "")
  }

  @Test(
    "Anything else is left to the decoder",
    arguments: [
      "Content-Length: 2\r\nAccept: */*\r\n\r\n{",  // not all of it
      "Content-Length: 2\r\nAccept: */*\r\n\r\n{}G",  // more than that
      "Content-Length: 2\r\nAccept: */x\r\n\r\n{}",
      "content-length: 2\r\nAccept: */*\r\n\r\n{}",
      "Content-Length: 2 \r\nAccept: */*\r\n\r\n{}",
      "Content-Length: \r\nAccept: */*\r\n\r\n{}",
      "Content-Length: +2\r\nAccept: */*\r\n\r\n{}",
      "Content-Length: 2\r\nContent-Length: 2\r\nAccept: */*\r\n\r\n{}",
      "Content-Length: 2\r\nTransfer-Encoding: chunked\r\nAccept: */*\r\n\r\n{}",
      "Content-Length: 99999999999999999999999999\r\nAccept: */*\r\n\r\n{}", "",
    ])
  func anythingElse(rest: String) { #expect(body(rest) == nil) }

  @Test func anotherRequestLineIsAnotherHead() {
    let rest = "Content-Length: 2\r\nAccept: */*\r\n\r\n{}"
    #expect(body(rest, start: "POST /v1/chat/completionx HTTP/1.1\r\nHost: x\r\n") == nil)
  }

  @Test(
    "A head that names no length, or more than one, is none to know others by",
    arguments: [
      "Accept: */*\r\n\r\n", "Content-Length: 2\r\nContent-Length: 2\r\n\r\n",
      "Content-Length: x\r\n\r\n", "Content-Length: 2 \r\n\r\n",
    ])
  func noLength(rest: String) { #expect(Self.known(rest) == nil) }

  @Test(
    "A length is found wherever it stands, by its name in any case",
    arguments: ["content-length: 2\r\n\r\n", "A: b\r\nCONTENT-LENGTH:2\r\nC: d\r\n\r\n"])
  func aLength(rest: String) { #expect(Self.known(rest) != nil) }

  @Test func aHeadThatIsKnownFitsWithAnyLengthAndNoBody() {
    func fits(_ rest: String) -> Bool? {
      Array((Self.start + rest).utf8).withUnsafeBytes { known?.fits($0) }
    }
    #expect(fits("Content-Length: 7\r\nAccept: */*\r\n\r\n") == true)
    #expect(fits("Content-Length: 7\r\nAccept: */*\r\n\r\n{") == false)
    #expect(fits("Content-Length: 7\r\nAccept: */x\r\n\r\n") == false)
  }

  @Test func theEndOfAHeadIsFound() {
    func length(_ text: String) -> Int? {
      Array(text.utf8).withUnsafeBytes { KnownHead.length(in: $0) }
    }
    #expect(length("GET / HTTP/1.1\r\nHost: x\r\n\r\nrest\r\n\r\n") == 27)
    #expect(length("GET / HTTP/1.1\r\nHost: x\r\n\r") == nil)
    #expect(length("\n\n\n") == nil)
    #expect(length("") == nil)
  }
}

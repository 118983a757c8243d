import Testing

@testable import LoadGenerator

struct HTTPScannerTests {
  private static func response(_ status: String, _ headers: [String], _ body: String) -> String {
    (["HTTP/1.1 \(status)"] + headers + ["", body]).joined(separator: "\r\n")
  }

  private static let plain = response("200 OK", ["content-LENGTH:  5"], "12\r\n5")

  @Test func aBodyIsAsLongAsItsHeadSays() {
    let text = Self.plain + Self.response("200 OK", ["Content-Length: 0"], "") + Self.plain
    for scanning in Scanning.everySplit(of: text, HTTPScanner.init) {
      #expect(scanning.isAllowed)
      #expect(scanning.events == Array(repeating: .ended(isError: false), count: 3))
    }
  }

  @Test func chunksExtensionsAndTrailersAreReadHoweverTheyAreCut() {
    let body = "5;name=\"v\"\r\n{\r\n2}\r\nA\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\n"
    let text = Self.response("200 OK", ["Transfer-Encoding: Chunked"], body) + Self.plain
    for scanning in Scanning.everySplit(of: text, HTTPScanner.init) {
      #expect(scanning.isAllowed)
      #expect(scanning.events == [.ended(isError: false), .ended(isError: false)])
    }
  }

  @Test func theFirstDataOfAnEventStreamIsToldOnce() {
    // A comment first, and the word in two chunks.
    let body =
      "8\r\n: hello\n\r\n4\r\ndata\r\n6\r\n: {}\n\n\r\n9\r\ndata: 1\n\n\r\n0\r\n\r\n"
    let one = Self.response("200 OK", ["Transfer-Encoding: chunked"], body)
    for scanning in Scanning.everySplit(of: one + one, HTTPScanner.init) {
      #expect(scanning.isAllowed)
      #expect(
        scanning.events == [
          .firstChunk, .ended(isError: false), .firstChunk, .ended(isError: false),
        ])
    }
  }

  @Test func anInterimResponseIsNoAnswer() {
    let text = "HTTP/1.1 100 Continue\r\n\r\n" + Self.plain
    for scanning in Scanning.everySplit(of: text, HTTPScanner.init) {
      #expect(scanning.events == [.ended(isError: false)])
    }
  }

  @Test(arguments: ["301 Moved", "404 Not Found", "503 Service Unavailable"])
  func everyStatusButSuccessIsAnError(_ status: String) {
    let text = Self.response(status, ["Content-Length: 2"], "{}") + Self.plain
    for scanning in Scanning.everySplit(of: text, HTTPScanner.init) {
      #expect(scanning.events == [.ended(isError: true), .ended(isError: false)])
    }
  }

  @Test(arguments: [
    "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  ])
  func whatHasNoEndThatCanBeKnownIsRefused(_ text: String) {
    for scanning in Scanning.everySplit(of: text, HTTPScanner.init) {
      #expect(!scanning.isAllowed)
      #expect(scanning.events.isEmpty)
    }
  }

  @Test func aHeadWithoutEndIsRefused() {
    var scanning = Scanning(HTTPScanner())
    scanning.scan("HTTP/1.1 200 OK\r\nX: ".utf8)
    scanning.scan(repeatElement(UInt8(ascii: "x"), count: 64 << 10))
    #expect(!scanning.isAllowed)
  }
}

import JSON
import PromptSandbox
import TestSupport
import Testing

/// How requests are told from each other before they are decoded.
@Suite(.timeLimit(.minutes(5))) struct HTTPIntakeTests {
  private let small = "GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n"

  /// A request for every way in which one ends.
  private var row: String {
    let body = ChatLine.bare("whole")
    let head = "POST /v1/chat/completions HTTP/1.1\r\nHost: t\r\n"
    let chunked = ChatLine.bare("line\\r\\n")
    let (first, second) = (chunked.prefix(20), chunked.dropFirst(20))
    return small + head + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
      + head + "Transfer-Encoding: chunked\r\n\r\n"
      + "\(String(first.utf8.count, radix: 16))\r\n\(first)\r\n"
      + "\(String(second.utf8.count, radix: 16));a=b\r\n\(second)\r\n0\r\nX: trailer\r\n\r\n"
      + "\r\n" + small + head + "Content-Length: 0\r\n\r\n" + small
  }

  @Test func requestsAreToldFromEachOtherHoweverTheyAreCut() async throws {
    try await DaemonFixture.run { daemon in
      let bytes = Array(row.utf8)
      for size in [1, 2, 3, 7, 30, 64, 101, bytes.count] {
        let client = try daemon.httpClient()
        async let sent: Void = {
          for start in stride(from: 0, to: bytes.count, by: size) {
            try await client.send(Array(bytes[start..<min(start + size, bytes.count)]))
            await Task.yield()
          }
        }()
        #expect(try await client.response().status == 200)
        #expect(try await client.response().content == "whole")
        #expect(try await client.response().content == "line\r\n")
        #expect(try await client.response().status == 200)
        #expect(try await client.response().status == 400, "an empty body")
        #expect(try await client.response().status == 200)
        try await sent
      }
    }
  }

  @Test func requestsBehindOneThatIsNotAnsweredCountAsWhatWaits() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      let slow = APIClient.request(ChatLine.bare("x", model: "sandbox/silent"))
      let many = String(repeating: small, count: 1000)
      try await client.send(slow + Array(many.utf8))
      // All but what the system holds.
      try await daemon.waitUntil { ($0["buffers"]?["bytes"]?.int ?? 0) >= 16 << 10 }
      client.close()
      try await daemon.waitUntil { $0["buffers"]?["bytes"]?.int == 0 }
    }
  }

  @Test func halfAHeadBehindARequestEndsInTimeToo() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      try await client.send(Array("\(small)GET /heal".utf8))
      #expect(try await client.response().status == 200)
      #expect(try await client.response().status == 408)
    }
  }

  @Test func emptyLinesBehindARequestBeginNoOther() async throws {
    try await DaemonFixture.run { daemon in
      let (idle, late) = (try daemon.httpClient(), try daemon.httpClient())
      try await idle.send(Array("\(small)\r\n\r\n".utf8))
      #expect(try await idle.response().status == 200)
      // By then the other one would have been told so too.
      try await late.send(Array("GET /heal".utf8))
      #expect(try await late.response().status == 408)
      #expect(try await idle.ask(method: "GET", path: "/healthz").status == 200)
    }
  }
}

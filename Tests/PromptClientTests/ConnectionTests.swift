import JSON
import PromptProtocol
import Testing

@testable import PromptClient

struct ConnectionTests {
  @Test func answersFindTheirCallsInAnyOrder() async throws {
    // The first answer waits for the second request.
    try await FakeDaemon.serving({ line, peer in
      guard line["id"]?.int == 2 else { return }
      peer.result(.number("2"), #""second""#)
      peer.result(.number("1"), #""first""#)
    }) { daemon in
      try await PromptClient.withConnection(to: daemon.path) { client in
        async let first = client.call(.ping)
        _ = await daemon.line { $0.contains(#""id":1"#) }
        let second = try await client.call(.status)
        #expect(String(decoding: second, as: UTF8.self) == #""second""#)
        let earlier = try await first
        #expect(String(decoding: earlier, as: UTF8.self) == #""first""#)
      }
    }
  }

  @Test func parametersOverSeveralLinesGoOutOnOne() async throws {
    try await FakeDaemon.serving({ line, peer in
      peer.result(line["id"], line["params"]?.text ?? "null")
    }) { daemon in
      try await PromptClient.withConnection(to: daemon.path) { client in
        let echoed = try await client.call(.chat, Array("{\r\n  \"a\": \"\\n\"\n}".utf8))
        #expect(String(decoding: echoed, as: UTF8.self) == #"{"a":"\n"}"#)
      }
    }
  }

  @Test func aDaemonThatDiesEndsEveryCallAndRefusesMore() async throws {
    try await FakeDaemon.serving({ line, peer in
      if line["id"]?.int == 2 { peer.hangUp() }
    }) { daemon in
      try await PromptClient.withConnection(to: daemon.path) { client in
        let chat = try client.chat([0x7B, 0x7D])
        await #expect(throws: ClientError.connectionLost) { try await client.call(.status) }
        await #expect(throws: ClientError.connectionLost) { for try await _ in chat {} }
        await #expect(throws: ClientError.connectionLost) { try await client.call(.ping) }
      }
    }
  }

  @Test func aConnectionThatIsRefusedSaysWhy() async throws {
    let refusal = #"{"error":{"message":"later","type":"too_many_connections"},"promptd":{}}"#
    try await FakeDaemon.serving(greeting: refusal) { daemon in
      try await PromptClient.withConnection(to: daemon.path) { client in
        let error = await #expect(throws: ClientError.self) { try await client.call(.ping) }
        #expect(error == .refused(DaemonError(type: "too_many_connections", message: "later")))
        #expect(error?.exitCode == 75)
      }
    }
  }

  @Test func anAnswerOfManyMegabytesIsRead() async throws {
    let long = String(repeating: "x", count: 8 << 20)
    try await FakeDaemon.serving({ line, peer in peer.result(line["id"], "\"\(long)\"") }) {
      daemon in
      try await PromptClient.withConnection(to: daemon.path) { client in
        let result = try await client.call(.ping)
        #expect(result.count == long.utf8.count + 2)
      }
    }
  }

  @Test func aLinePastTheLimitIsAFault() async throws {
    let long = String(repeating: "x", count: 2 << 20)
    try await FakeDaemon.serving({ line, peer in peer.result(line["id"], "\"\(long)\"") }) {
      daemon in
      let connection = try await Connection.open(daemon.path, longestLine: 1 << 20)
      await #expect(throws: ClientError.notPromptd(reason: "a line is over 1 MiB")) {
        try await PromptClient(connection).call(.ping)
      }
      await connection.close()
    }
  }

  @Test func anotherProgramsSocketIsRecognised() async throws {
    try await FakeDaemon.serving(greeting: "220 smtp.example.com ready") { daemon in
      try await PromptClient.withConnection(to: daemon.path) { client in
        let error = await #expect(throws: ClientError.self) { try await client.call(.ping) }
        #expect(error?.exitCode == 76)
      }
    }
  }
}

import JSON
import PromptProtocol
import Testing

@testable import PromptClient

struct ChatTests {
  private static let body = Array(#"{"model":"m","messages":[],"stream":true}"#.utf8)

  private static func text(_ event: CallEvent) -> String {
    switch event {
    case .chunk(let bytes): "chunk " + String(decoding: bytes, as: UTF8.self)
    case .event(let bytes): "event " + String(decoding: bytes, as: UTF8.self)
    case .result(let bytes): "result " + String(decoding: bytes, as: UTF8.self)
    }
  }

  @Test func chunksComeInOrderAndTheResultLast() async throws {
    try await FakeDaemon.serving({ line, peer in
      for number in 0..<500 { peer.chunk(line["id"], "\(number)") }
      peer.result(line["id"], #"{"done":true}"#)
    }) { daemon in
      try await PromptClient.withConnection(to: daemon.path) { client in
        var heard: [String] = []
        for try await event in try client.chat(Self.body) { heard.append(Self.text(event)) }
        #expect(heard == (0..<500).map { "chunk \($0)" } + [#"result {"done":true}"#])
      }
    }
  }

  @Test func streamsOfOneConnectionAreKeptApart() async throws {
    try await FakeDaemon.serving({ line, peer in
      guard let id = line["id"]?.int, id == 2 else { return }
      for number in 0..<100 { peer.chunk(.number("\(number % 2 + 1)"), "\(number)") }
      for id in [2, 1] { peer.result(.number("\(id)"), "null") }
    }) { daemon in
      try await PromptClient.withConnection(to: daemon.path) { client in
        let chats = try [client.chat(Self.body), client.chat(Self.body)]
        for (index, chat) in chats.enumerated() {
          var heard: [String] = []
          for try await event in chat { heard.append(Self.text(event)) }
          let expected = (0..<50).map { "chunk \($0 * 2 + index)" } + ["result null"]
          #expect(heard == expected)
        }
      }
    }
  }

  @Test func aDaemonThatDiesInTheMiddleIsAnErrorAfterTheChunks() async throws {
    try await FakeDaemon.serving({ line, peer in
      peer.chunk(line["id"], "1")
      peer.hangUp()
    }) { daemon in
      try await PromptClient.withConnection(to: daemon.path) { client in
        var heard: [String] = []
        await #expect(throws: ClientError.connectionLost) {
          for try await event in try client.chat(Self.body) { heard.append(Self.text(event)) }
        }
        #expect(heard == ["chunk 1"])
      }
    }
  }

  @Test func cancelNamesTheCallAndTheCallEndsAsCancelled() async throws {
    try await FakeDaemon.serving({ line, peer in
      guard line["method"]?.string == "chat.cancel" else { return }
      let id = line["params"]?["id"]?.text ?? ""
      peer.result(line["id"], #"{"cancelled":true}"#)
      peer.say(
        #"{"jsonrpc":"2.0","id":\#(id),"error":{"code":-32003,"message":"cancelled","#
          + #""data":{"type":"cancelled"}}}"#)
    }) { daemon in
      try await PromptClient.withConnection(to: daemon.path) { client in
        let chat = try client.chat(Self.body)
        let wasUnderWay = try await client.cancel(chat.id)
        #expect(wasUnderWay)
        let cancelled = DaemonError(type: "cancelled", message: "cancelled")
        await #expect(throws: ClientError.refused(cancelled)) { for try await _ in chat {} }
      }
    }
  }

  @Test func aReaderThatIsCancelledCancelsTheRequest() async throws {
    try await FakeDaemon.serving { daemon in
      try await PromptClient.withConnection(to: daemon.path) { client in
        let chat = try client.chat(Self.body)
        await withTaskGroup(of: Void.self) { group in
          group.addTask {
            do {
              for try await _ in chat {}
            } catch {
              Issue.record("a cancelled reader hears no error: \(error)")
            }
          }
          group.cancelAll()
        }
        let line = await daemon.line { $0.contains("chat.cancel") }
        #expect(line == #"{"jsonrpc":"2.0","method":"chat.cancel","params":{"id":1}}"#)
      }
    }
  }
}

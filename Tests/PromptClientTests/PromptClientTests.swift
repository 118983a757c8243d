import JSON
import PromptProtocol
import Testing

@testable import PromptClient

struct PromptClientTests {
  @Test func pingIsTyped() async throws {
    let result = #"{"version":"0.1.0","protocol":1,"client":"nightly","pid":42,"uptime_s":5}"#
    try await FakeDaemon.serving({ line, peer in
      #expect(line["method"]?.string == "ping")
      peer.result(line["id"], result)
    }) { daemon in
      try await PromptClient.withConnection(to: daemon.path) { client in
        let ping = try await client.ping()
        #expect(ping.version == "0.1.0")
        #expect(ping.protocolVersion == 1)
        #expect(ping.client == "nightly")
        #expect(ping.pid == 42)
        #expect(ping.uptime == 5)
      }
    }
  }

  @Test func anErrorOfTheDaemonKeepsItsTypeAndExitCode() async throws {
    try await FakeDaemon.serving({ line, peer in
      peer.say(
        #"{"jsonrpc":"2.0","id":\#(line["id"]?.text ?? ""),"error":{"code":-32030,"#
          + #""message":"not yours","data":{"type":"forbidden"}}}"#)
    }) { daemon in
      try await PromptClient.withConnection(to: daemon.path) { client in
        let error = await #expect(throws: ClientError.self) { try await client.report(.status) }
        #expect(error == .refused(DaemonError(type: "forbidden", message: "not yours")))
        #expect(error?.exitCode == 77)
      }
    }
  }

  @Test func aDaemonThatSaysNothingRunsIntoTheLimit() async throws {
    try await FakeDaemon.serving { daemon in
      try await PromptClient.withConnection(to: daemon.path) { client in
        await #expect(throws: ClientError.silent(seconds: 0.05)) {
          try await client.ping(within: .milliseconds(50))
        }
      }
    }
  }

  @Test func withoutADaemonThereIsNoConnection() async throws {
    try await TemporaryFolder.with { folder in
      let path = "\(folder)/none.sock"
      await #expect(throws: ClientError.noDaemon(path: path)) {
        try await PromptClient.withConnection(to: path) { try await $0.ping() }
      }
    }
  }

  @Test func aCallerThatIsCancelledStopsWaiting() async throws {
    try await FakeDaemon.serving { daemon in
      try await PromptClient.withConnection(to: daemon.path) { client in
        await withThrowingTaskGroup(of: [UInt8].self) { group in
          group.addTask { try await client.call(.status) }
          _ = await daemon.line { $0.contains("status") }
          group.cancelAll()
          await #expect(throws: CancellationError.self) { try await group.next() }
        }
      }
    }
  }
}

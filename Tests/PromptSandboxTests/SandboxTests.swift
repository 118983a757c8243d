import Glibc
import PromptSandbox
import TestSupport
import Testing

/// How a sandbox begins and ends.
@Suite struct SandboxTests {
  @Test func itListensOnAFreePort() async throws {
    let sandbox = try await Sandbox.start(on: .loopback(port: 0))
    guard case .loopback(let port) = sandbox.address else {
      Issue.record("it listens on \(sandbox.address.name)")
      return await sandbox.stop()
    }
    #expect(port > 0)
    do {
      #expect(try await APIClient(sandbox.address).ask(ChatText.body("x")).content == "x")
    } catch {
      await sandbox.stop()
      throw error
    }
    await sandbox.stop()
  }

  @Test func stoppingClosesConnectionsAndRemovesTheSocket() async throws {
    try await SandboxFixture.withFolder { folder in
      let path = "\(folder)/api.sock"
      let sandbox = try await Sandbox.start(on: .unix(path))
      #expect(access(path, F_OK) == 0)
      let client = try APIClient(sandbox.address)
      try await client.send(APIClient.request(ChatText.body(model: "sandbox/silent")))
      await sandbox.calls.waitUntil { $0.running == 1 }
      await sandbox.stop()
      #expect(access(path, F_OK) != 0)
      await #expect(throws: ConnectionFailure.self) { try await client.response() }
      #expect(throws: ConnectionFailure.self) { try APIClient(sandbox.address) }
      // It was the sandbox that went away.
      #expect(sandbox.calls.record.running == 0 && sandbox.calls.record.cancelled == 0)
    }
  }

  @Test func aSocketThatWasLeftBehindIsReplaced() async throws {
    try await SandboxFixture.withFolder { folder in
      let path = "\(folder)/api.sock"
      let first = try await Sandbox.start(on: .unix(path))
      let second = try await Sandbox.start(on: .unix(path))
      #expect(try await APIClient(second.address).ask(ChatText.body("x")).content == "x")
      #expect(first.calls.record.started == 0)
      await first.stop()
      await second.stop()
    }
  }

  @Test func aPlaceThatCannotBeListenedOnIsNamed() async throws {
    let error = await #expect(throws: Sandbox.Failure.self) {
      try await Sandbox.start(on: .unix("/nowhere/at/all/api.sock"))
    }
    #expect(error?.description.contains("/nowhere/at/all/api.sock") == true)
  }
}

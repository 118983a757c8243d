import FoundationEssentials
import Glibc
import PromptSandbox
import TestSupport

/// A sandbox on a Unix socket in a folder of its own, gone when the test is.
struct SandboxFixture: Sendable {
  let sandbox: Sandbox

  /// The record of the sandbox's calls.
  var calls: SandboxCalls { sandbox.calls }

  /// Connects a client.
  func client() throws -> APIClient { try APIClient(sandbox.address) }

  /// Runs `body` beside a sandbox.
  static func run(_ body: (SandboxFixture) async throws -> Void) async throws {
    try await withFolder { folder in
      let sandbox = try await Sandbox.start(on: .unix("\(folder)/api.sock"))
      do {
        try await body(SandboxFixture(sandbox: sandbox))
      } catch {
        await sandbox.stop()
        throw error
      }
      await sandbox.stop()
    }
  }

  /// Runs `body` with the path of an empty folder, short enough in name for sockets.
  static func withFolder(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/promptd-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw ConnectionFailure(description: "mkdtemp: \(String(cString: strerror(errno)))")
    }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    do {
      try await body(path)
    } catch {
      try FileManager.default.removeItem(atPath: path)
      throw error
    }
    try FileManager.default.removeItem(atPath: path)
  }
}

import Glibc
import Testing

@testable import PromptClient

struct SocketDialerTests {
  private func error(_ path: String) -> ClientError? {
    do {
      close(try SocketDialer.connect(to: path))
      return nil
    } catch {
      return error
    }
  }

  @Test func aListeningSocketIsConnected() async throws {
    try await FakeDaemon.serving { #expect(error($0.path) == nil) }
  }

  @Test func noSocketIsNoDaemon() async throws {
    try await TemporaryFolder.with {
      #expect(error("\($0)/none.sock") == .noDaemon(path: "\($0)/none.sock"))
    }
  }

  @Test func aSocketThatWasLeftBehindIsNoDaemon() async throws {
    try await TemporaryFolder.with {
      let path = "\($0)/left.sock"
      close(try FakeDaemon.listen(at: path))
      #expect(error(path) == .noDaemon(path: path))
    }
  }

  @Test func aPathThatNoSocketCanHaveIsRefused() {
    let path = "/" + String(repeating: "x", count: SocketDialer.longestPath)
    #expect(error(path) == .pathTooLong(path: path))
    #expect(error(String(path.dropLast())) == .noDaemon(path: String(path.dropLast())))
  }
}

import Glibc
import TestSupport
import Testing

/// Programs whose standard streams are closed.
@Suite(.timeLimit(.minutes(1))) struct StandardStreamTests {
  private func run(_ script: String, in folder: TemporaryFolder) async throws -> Program.Result {
    let path = "\(Program.products)/promptctl"
    let program = try Program(
      "/bin/sh", ["-c", script, path, folder["promptd.sock"]], in: folder)
    return await program.result()
  }

  @Test func promptctlTakesNoSocketForAStreamThatIsClosed() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let input = try await run(#"exec "$0" send --socket "$1" <&-"#, in: folder)
    #expect(input.code != 0 && input.errors.contains("promptctl:"))
    let output = try await run(
      #"echo '{"jsonrpc":"2.0","id":1,"method":"ping"}' | "$0" send --socket "$1" >&-"#, in: folder)
    #expect(output.code == 74)
    #expect(await daemon.stop().code == 0)
  }
}

import Glibc
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ProcessLimitsTests {
  /// Who the probe runs as: not root, to whom files in /proc belong anyway.
  private static let user = geteuid() == 0 ? 65534 : geteuid()

  /// Runs the probe with a low soft limit, from where any user may run it. A copy that this process
  /// made would be busy for as long as another test's new child has it open.
  private func limits() throws -> Program.Ending {
    let folder = try TemporaryFolder()
    guard chmod(folder.path, 0o755) == 0 else { throw SystemCallFailure("chmod") }
    let nobody = "setpriv --reuid=\(Self.user) --regid=\(Self.user) --clear-groups"
    let script = """
      cp "$0" "$1" && chmod 755 "$1" && ulimit -Sn 64 && ulimit -Hn 512
      exec \(geteuid() == 0 ? nobody : "") "$1" limits
      """
    return try Program.run(["/bin/sh", "-euc", script, Program.probe, folder["probe"]])
  }

  @Test func theSoftDescriptorLimitIsRaisedToTheHardOne() throws {
    let ending = try limits()
    #expect(ending.values("raised") == ["512"])
    #expect(ending.values("soft") == ["512"])
    #expect(ending.values("hard") == ["512"])
  }

  @Test func noCoreIsLeftAndNoDebuggerLetIn() throws {
    let ending = try limits()
    #expect(ending.values("core") == ["0"])
    #expect(ending.values("owner_before") == ["\(Self.user)"])
    #expect(ending.values("owner_after") == ["0"])
  }
}

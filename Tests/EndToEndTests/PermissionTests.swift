import Glibc
import TestSupport
import Testing

/// What an ordinary user may not read. Root may read everything, so the programs are run as
/// somebody else when the tests are root's.
@Suite struct PermissionTests {
  /// Runs a program as an ordinary user, from a copy in `folder` that everybody can reach.
  private func run(
    _ name: String, _ arguments: [String], in folder: TemporaryFolder
  ) async throws -> Program.Result {
    guard geteuid() == 0 else {
      return await (try Program(name, arguments, in: folder)).result()
    }
    chmod(folder.path, 0o755)
    // Copied by another process: a file that this one has open for writing would be inherited by
    // whatever another test starts just then, and could not be run (ETXTBSY).
    let script = """
      cp "$0" "$1" && chmod 755 "$1" && shift 1 &&
      exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
      """
    let copy = folder[name]
    let words = ["-c", script, "\(Program.products)/\(name)", copy, copy] + arguments
    return await (try Program("/bin/sh", words, in: folder)).result()
  }

  @Test func aKeyFileThatCannotBeReadIsAFaultOfTheConfiguration() async throws {
    let folder = try TemporaryFolder()
    let key = try folder.write("sk-secret", to: "key", mode: 0)
    let file = try folder.write(
      """
      [[upstream]]
      name = "a"
      base_url = "https://a.example/v1"
      api_key_file = "\(key)"
      """, to: "promptd.toml", mode: 0o644)
    let result = try await run("promptd", ["--config", file], in: folder)
    #expect(result.code == 78)
    #expect(result.errors.contains("upstream[0].api_key_file"))
    #expect(result.errors.contains("Permission denied"))
  }

  @Test func aConfigurationThatCannotBeReadIsAFault() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("", to: "promptd.toml", mode: 0)
    let result = try await run("promptd", ["--config", file], in: folder)
    #expect(result.code == 78)
    #expect(result.errors.contains("\(file): "))
  }

  @Test func aSocketThatIsClosedToTheUserSaysWhichGroupToJoin() async throws {
    let folder = try TemporaryFolder()
    let socket = try ListeningDescriptor(folder["promptd.sock"])
    // A group that Debian has always had.
    let path = folder["promptd.sock"]
    let isRoot = geteuid() == 0
    chmod(path, isRoot && chown(path, 0, 100) == 0 ? 0o660 : 0)
    let result = try await run(
      "promptctl", ["ping", "--socket", folder["promptd.sock"]], in: folder)
    #expect(result.code == 77)
    #expect(result.errors.contains(isRoot ? "join the group users (" : "ls -l shows who may"))
    withExtendedLifetime(socket) {}
  }
}

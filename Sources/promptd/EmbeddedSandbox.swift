import Glibc
import PromptSandbox

/// The sandbox inside promptd, on a socket in a folder that nobody else can enter.
enum EmbeddedSandbox {
  /// An error that keeps the sandbox from starting.
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// Runs `serve` with the path of the sandbox's socket, and cleans up after it.
  static func run(_ serve: (String) async throws -> Void) async throws {
    let folder = try makeFolder()
    defer { rmdir(folder) }
    let socket = "\(folder)/api.sock"
    let sandbox = try await Sandbox.start(on: .unix(socket))
    do {
      try await serve(socket)
    } catch {
      await sandbox.stop()
      throw error
    }
    await sandbox.stop()
  }

  private static func makeFolder() throws -> String {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/promptd-sandbox-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure(
        description: "no folder can be made in \(base): \(String(cString: strerror(errno)))")
    }
    return template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
  }
}

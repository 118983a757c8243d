import FoundationEssentials
import Glibc

/// A folder that is there for the length of a test.
enum TemporaryFolder {
  /// Lends the path of a new folder, short enough for sockets in it.
  @discardableResult
  static func with<Result: Sendable>(
    _ body: (String) async throws -> Result
  ) async throws -> Result {
    var template = Array("/tmp/promptd-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw CocoaError(.fileWriteUnknown) }
    let path = String(cString: made)
    let result: Result
    do {
      result = try await body(path)
    } catch {
      try FileManager.default.removeItem(atPath: path)
      throw error
    }
    try FileManager.default.removeItem(atPath: path)
    return result
  }
}

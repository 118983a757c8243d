import FoundationEssentials
import Glibc

/// A folder of one test, short enough in name for sockets, and gone with the last reference.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/promptd-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemCallFailure("mkdtemp") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch {
      print("a test's folder could not be removed: \(path)")
    }
  }

  /// The path of something in the folder.
  subscript(_ name: String) -> String { "\(path)/\(name)" }

  /// What a file in the folder holds.
  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: self[name])), as: UTF8.self)
  }

  /// Writes a file in the folder.
  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: self[name]))
  }

  /// Permissions, kind and owners of something in the folder.
  func status(of name: String) throws -> stat {
    var status = stat()
    guard lstat(self[name], &status) == 0 else { throw SystemCallFailure("lstat") }
    return status
  }

  /// Whether something of that name is there.
  func contains(_ name: String) -> Bool { access(self[name], F_OK) == 0 }
}

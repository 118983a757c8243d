import FoundationEssentials
package import Glibc

/// A folder of one test, short enough in name for sockets, and gone with the last reference.
package final class TemporaryFolder: Sendable {
  package let path: String

  /// Makes an empty folder that only this user can enter.
  package init() throws {
    var template = Array("/tmp/promptd-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(errno: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch {
      print("a test's folder could not be removed: \(path)")
    }
  }

  /// The path of something in the folder.
  package subscript(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and returns its path.
  @discardableResult
  package func write(_ text: String, to name: String, mode: mode_t = 0o600) throws -> String {
    let file = self[name]
    try Data(text.utf8).write(to: URL(filePath: file))
    guard chmod(file, mode) == 0 else { throw Failure(errno: errno) }
    return file
  }

  /// The text of a file.
  package func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: self[name])), as: UTF8.self)
  }

  /// Makes a folder inside.
  package func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: self[name], withIntermediateDirectories: false)
  }

  /// Removes something inside.
  package func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: self[name])
  }

  /// A system call that failed.
  package struct Failure: Error {
    package var errno: Int32
  }
}

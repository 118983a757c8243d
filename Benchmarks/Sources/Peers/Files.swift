import FoundationEssentials
package import Glibc

/// Small files, read and written whole.
package enum Files {
  /// The text of a file. Throws `.system`.
  package static func read(_ path: String) throws(PeerError) -> String {
    do {
      return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    } catch {
      throw .system(call: path, code: ENOENT)
    }
  }

  /// Writes a file that only its owner may read. Throws `.system`.
  package static func write(
    _ text: String, to path: String, mode: mode_t = 0o600
  ) throws(PeerError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw .failed(path) }
    defer { close(descriptor) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw .failed(path) }
      rest = rest.dropFirst(count)
    }
  }

  /// Makes a folder and those above it.
  package static func makeFolder(_ path: String) throws(PeerError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .system(call: path, code: EACCES)
    }
  }

  /// Removes a folder or file with all that is in it; what is not there is no fault.
  package static func remove(_ path: String) {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      // Gone already, or nobody's to remove: it lies in a temporary folder.
    }
  }

  /// Copies a file, in place of one that may be there.
  package static func copy(_ path: String, to other: String) throws(PeerError) {
    remove(other)
    do {
      try FileManager.default.copyItem(atPath: path, toPath: other)
    } catch {
      throw .system(call: "a copy of \(path)", code: EIO)
    }
  }

  /// Whether a path names something.
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}

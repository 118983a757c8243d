import Glibc

/// The requests of a load, in wire form, one behind the other in one piece of memory, so that any
/// number of them in a row is sent by one call.
package struct RequestBook: Sendable {
  /// The form that they have.
  let dialect: Dialect
  /// All requests.
  let bytes: [UInt8]
  /// Where each request begins, and at last where the last one ends.
  let starts: [Int]

  /// How many requests there are.
  package var count: Int { starts.count - 1 }

  /// The bodies as requests of a dialect; at least one.
  package init(
    _ bodies: some Sequence<[UInt8]>, as dialect: Dialect
  ) throws(LoadError) {
    var bytes: [UInt8] = []
    var starts = [0]
    for body in bodies {
      bytes += dialect.request(body)
      starts.append(bytes.count)
    }
    guard starts.count > 1 else { throw .noRequests(from: "the list") }
    self.dialect = dialect
    self.bytes = bytes
    self.starts = starts
  }

  /// The lines of a file as requests of a dialect, blank ones left out.
  package init(file: String, as dialect: Dialect) throws(LoadError) {
    let lines = try Self.contents(file).split(separator: UInt8(ascii: "\n"))
    guard !lines.isEmpty else { throw .noRequests(from: file) }
    try self.init(lines.lazy.map(Array.init), as: dialect)
  }

  private static func contents(_ file: String) throws(LoadError) -> [UInt8] {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .failed(file) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count >= 0 else { throw .failed(file) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }
}

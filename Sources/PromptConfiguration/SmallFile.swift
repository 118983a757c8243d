import Glibc

/// Reads whole files of which only a regular and small one makes sense: configuration and keys.
enum SmallFile {
  /// Why a file was not read.
  struct Failure: Error, Equatable {
    /// The code of errno(3), where a system call failed.
    var code: CInt?
    /// What is wrong, to follow "the file".
    var message: String
  }

  /// The bytes of the regular file at `path`, at most `limit` of them.
  ///
  /// `isPrivate` refuses a file that its group or others may touch. What is checked is what is
  /// read: both go by the one descriptor. `O_NONBLOCK` keeps a FIFO from holding up the start.
  static func read(_ path: String, limit: Int, isPrivate: Bool) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw lastFailure() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw lastFailure() }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(message: "is not a regular file")
    }
    guard !isPrivate || status.st_mode & 0o077 == 0 else {
      throw Failure(
        message: "can be read or written by others than its owner; chmod 0600 it")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      guard count >= 0 else { throw lastFailure() }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limit else {
        throw Failure(message: "is larger than \(ByteSize.text(limit))")
      }
    }
  }

  private static func lastFailure() -> Failure {
    let code = errno
    let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return Failure(code: code, message: "cannot be read: \(reason)")
  }
}

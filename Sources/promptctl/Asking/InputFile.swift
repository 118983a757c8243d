import Glibc
import PromptClient

/// Reads what a user names or pipes in.
enum InputFile {
  /// The bytes of a file, or without one of standard input, at most `limit` of them. The descriptor
  /// is read and not `/dev/stdin`, which may be another user's to open.
  static func read(_ path: String?, limit: Int) throws(Ending) -> [UInt8] {
    guard let path else { return try readAll(STDIN_FILENO, name: "standard input", limit: limit) }
    let descriptor = try open(path)
    defer { close(descriptor) }
    return try readAll(descriptor, name: path, limit: limit)
  }

  /// A file that is open for reading; the caller closes it.
  static func open(_ path: String) throws(Ending) -> CInt {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, BlockingIO.Fault(code: errno)) }
    return descriptor
  }

  /// The text of standard input; nil if it is a terminal or not open.
  static func standardInput(limit: Int) throws(Ending) -> String? {
    var status = stat()
    guard fstat(STDIN_FILENO, &status) == 0, isatty(STDIN_FILENO) == 0 else { return nil }
    let bytes = try readAll(STDIN_FILENO, name: "standard input", limit: limit)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Ending(
        code: 65,
        message: "standard input is not UTF-8 text: convert it with iconv, or give an "
          + "image with --image")
    }
    return text
  }

  private static func readAll(
    _ descriptor: CInt, name: String, limit: Int
  ) throws(Ending) -> [UInt8] {
    do throws(BlockingIO.Fault) {
      if let bytes = try BlockingIO.readAll(descriptor, limit: limit) { return bytes }
    } catch {
      throw failure(name, error)
    }
    throw Ending(code: 65, message: "\(name) is larger than \(Quantities.bytes(limit))")
  }

  private static func failure(_ name: String, _ fault: BlockingIO.Fault) -> Ending {
    Ending(code: 65, message: "cannot read \(name): \(fault.reason)")
  }
}

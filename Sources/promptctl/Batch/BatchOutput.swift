import Glibc
import JSON
import PromptClient

/// The files that a batch writes: answers, errors, and a note by which the next run knows the batch
/// again. Each line is written at once, so a run that is killed loses none but the one it was writing.
final class BatchOutput {
  /// What names the batch in the daemon's jobs.
  let batch: String
  /// Requests that have their answers from an earlier run.
  let finished: Set<String>
  let path: String
  let errorPath: String

  private let output: CInt
  private let errors: CInt
  private let notePath: String

  /// Opens what an earlier run has left, or begins anew.
  init(path: String) throws {
    self.path = path
    errorPath = path + ".errors"
    notePath = path + ".batch"
    batch = try Self.name(notePath)
    output = try Self.open(path, O_RDWR | O_CREAT)
    finished = try Self.finished(output, path)
    // What failed is tried again, and written again if need be.
    errors = try Self.open(errorPath, O_WRONLY | O_CREAT | O_TRUNC)
  }

  deinit {
    close(output)
    close(errors)
  }

  /// Writes what came of a request.
  func write(_ result: BatchResult) throws(Ending) {
    do {
      try BlockingIO.write(Array((result.line + "\n").utf8), to: result.isDone ? output : errors)
    } catch {
      throw Ending(
        code: 74, message: "cannot write \(result.isDone ? path : errorPath): \(error.reason)")
    }
  }

  /// Everything is written: the next run of the same command is another batch. An empty file of
  /// errors goes.
  func finish(hasErrors: Bool) {
    unlink(notePath)
    if !hasErrors { unlink(errorPath) }
  }

  private static func open(_ path: String, _ flags: CInt) throws(Ending) -> CInt {
    let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(path) }
    return descriptor
  }

  private static func failure(_ path: String) -> Ending {
    Ending(
      code: 74, message: "cannot open \(path): \(BlockingIO.Fault(code: errno).reason)")
  }

  /// The name that an earlier run has noted, or a new one.
  private static func name(_ path: String) throws(Ending) -> String {
    let descriptor = try open(path, O_RDWR | O_CREAT)
    defer { close(descriptor) }
    do {
      let known = try BlockingIO.readAll(descriptor, limit: 256) ?? []
      let text = String(decoding: known, as: UTF8.self)
      if text.wholeMatch(of: /[0-9a-f]{32}\n/) != nil { return String(text.dropLast()) }
      let random = (0..<2).map { _ in UInt64.random(in: 0...(.max)) }
      let name = random.map { String(String($0, radix: 16).reversed() + "0000000000000000") }
        .map { $0.prefix(16) }.joined()
      guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
        throw failure(path)
      }
      try BlockingIO.write(Array((name + "\n").utf8), to: descriptor)
      guard fsync(descriptor) == 0 else { throw failure(path) }
      return name
    } catch let fault as BlockingIO.Fault {
      throw Ending(code: 74, message: "cannot write \(path): \(fault.reason)")
    } catch let ending as Ending {
      throw ending
    } catch {
      throw failure(path)
    }
  }

  /// Which requests have their answers. A last line without its end is cut off: its job still has the
  /// answer.
  private static func finished(_ descriptor: CInt, _ path: String) throws -> Set<String> {
    var lines = InputLines(descriptor, name: path)
    let size = lseek(descriptor, 0, SEEK_END)
    guard size >= 0, lseek(descriptor, 0, SEEK_SET) == 0 else { throw failure(path) }
    var names: Set<String> = []
    var end: off_t = 0
    while let line = try lines.next(bytes: 1)?.first {
      guard line.fault == nil else { break }
      let name = try JSONParser().withDocument(of: line.text) { $0["custom_id"]?.string }
      guard let name else {
        throw Ending(
          code: 65,
          message: "\(path) holds other lines than a batch's: give another file with -o")
      }
      guard end + off_t(line.text.count) < size else { break }
      names.insert(name)
      end += off_t(line.text.count + 1)
    }
    guard ftruncate(descriptor, end) == 0, lseek(descriptor, 0, SEEK_END) == end else {
      throw failure(path)
    }
    return names
  }
}

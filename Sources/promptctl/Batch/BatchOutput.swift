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
  /// Locked for as long as the run lasts.
  private let note: CInt
  private let notePath: String

  /// Opens what an earlier run has left, or begins anew; `input` is the file of requests.
  init(path: String, input: String) throws {
    self.path = path
    errorPath = path + ".errors"
    notePath = path + ".batch"
    try Self.refuse(path, as: input)
    note = try Self.open(notePath, O_RDWR | O_CREAT)
    batch = try Self.name(note, notePath)
    output = try Self.open(path, O_RDWR | O_CREAT)
    finished = try Self.finished(output, path)
    // What failed is tried again, and written again if need be.
    errors = try Self.open(errorPath, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND)
  }

  deinit {
    close(output)
    close(errors)
    close(note)
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

  /// Everything has its answer: the next run of the same command is another batch. What failed keeps the
  /// note, by which the next run knows its jobs.
  func finish(hasErrors: Bool) throws(Ending) {
    guard fsync(output) == 0, fsync(errors) == 0 else { throw Self.failure(path) }
    guard !hasErrors else { return }
    unlink(notePath)
    unlink(errorPath)
  }

  /// Answers must not go where the requests are.
  private static func refuse(_ path: String, as input: String) throws(Ending) {
    var (one, other) = (stat(), stat())
    guard stat(path, &one) == 0, stat(input, &other) == 0, one.st_dev == other.st_dev,
      one.st_ino == other.st_ino
    else { return }
    throw Ending(code: 64, message: "\(path) is the file of requests: give another with -o")
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
  private static func name(_ descriptor: CInt, _ path: String) throws(Ending) -> String {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw Ending(code: 75, message: "this batch is being run already (\(path) is locked)")
    }
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
  /// answer. Anything else that is no line of a batch is somebody's, and is left alone.
  private static func finished(_ descriptor: CInt, _ path: String) throws -> Set<String> {
    let size = lseek(descriptor, 0, SEEK_END)
    guard size >= 0, lseek(descriptor, 0, SEEK_SET) == 0 else { throw failure(path) }
    let end = try lastLineEnd(descriptor, path, size: size)
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw failure(path) }
    var lines = InputLines(descriptor, name: path, limit: Int(end))
    var names: Set<String> = []
    while let line = try lines.next(bytes: 1)?.first {
      let name =
        line.fault == nil
        ? try JSONParser().withDocument(of: line.text) { $0["custom_id"]?.string } : nil
      guard let name else {
        throw Ending(
          code: 65,
          message: "\(path):\(line.number): it is no line of a batch's: give another file with -o")
      }
      names.insert(name)
    }
    guard ftruncate(descriptor, end) == 0, lseek(descriptor, 0, SEEK_END) == end else {
      throw failure(path)
    }
    return names
  }

  /// Where the last line break is, behind it.
  private static func lastLineEnd(
    _ descriptor: CInt, _ path: String, size: off_t
  ) throws -> off_t {
    var place = size
    var byte: UInt8 = 0
    while place > 0 {
      guard pread(descriptor, &byte, 1, place - 1) == 1 else { throw failure(path) }
      if byte == UInt8(ascii: "\n") { return place }
      place -= 1
    }
    return 0
  }
}

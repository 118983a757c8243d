import Glibc
import JSON
import PromptClient

/// The files that a batch writes: answers, errors, and a note by which the next run knows the batch
/// again. Each line is written at once, so a run that is killed loses none but the one it was writing.
final class BatchOutput {
  /// What names the batch in the daemon's jobs.
  let batch: String
  /// Requests that have their answers from an earlier run, and the digests of their bodies where they
  /// are noted.
  let finished: [String: String?]
  let path: String
  let errorPath: String

  /// Locked for as long as the run lasts.
  private let output: CInt
  private let errors: CInt
  private let note: CInt
  private let notePath: String

  /// Opens what an earlier run has left, or begins anew; `input` is the file of requests. Nothing is
  /// touched before it is sure that all of it is this batch's.
  init(path: String, input: String) throws {
    self.path = path
    errorPath = path + ".errors"
    notePath = path + ".batch"
    for own in [path, errorPath, notePath] { try Self.refuse(own, as: input) }
    output = try Self.open(path, O_RDWR | O_CREAT | O_APPEND)
    guard flock(output, LOCK_EX | LOCK_NB) == 0 else {
      throw Ending(code: 75, message: "this batch is being run already (\(path) is locked)")
    }
    finished = try Self.finished(output, path)
    errors = try Self.open(errorPath, O_RDWR | O_CREAT | O_APPEND)
    try Self.checkErrors(errors, errorPath)
    note = try Self.open(notePath, O_RDWR | O_CREAT)
    batch = try Self.name(note, notePath)
    // What failed is tried again, and written again if need be.
    guard ftruncate(errors, 0) == 0 else { throw Self.failure(errorPath) }
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
    var (kept, there) = (stat(), stat())
    guard fstat(output, &kept) == 0, stat(path, &there) == 0, kept.st_ino == there.st_ino,
      kept.st_dev == there.st_dev
    else {
      throw Ending(
        code: 74,
        message: "\(path) was removed or replaced meanwhile: run the same command again, and the "
          + "answers are written again without being asked for")
    }
    guard !hasErrors else { return }
    unlink(notePath)
    unlink(errorPath)
  }

  /// What a run writes must not go where the requests are.
  private static func refuse(_ path: String, as input: String) throws(Ending) {
    var (one, other) = (stat(), stat())
    guard stat(path, &one) == 0, stat(input, &other) == 0, one.st_dev == other.st_dev,
      one.st_ino == other.st_ino
    else { return }
    throw Ending(code: 64, message: "\(path) is the file of requests: give another with -o")
  }

  private static func open(_ path: String, _ flags: CInt) throws(Ending) -> CInt {
    // A pipe that nobody reads from must not be waited for.
    let descriptor = Glibc.open(path, flags | O_CLOEXEC | O_NONBLOCK, 0o666)
    guard descriptor >= 0 else { throw failure(path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Ending(code: 64, message: "\(path) is no ordinary file: give another with -o")
    }
    return descriptor
  }

  private static func failure(_ path: String) -> Ending {
    Ending(
      code: 74, message: "cannot open \(path): \(BlockingIO.Fault(code: errno).reason)")
  }

  /// The name that an earlier run has noted, or a new one.
  private static func name(_ descriptor: CInt, _ path: String) throws(Ending) -> String {
    do {
      let known = try BlockingIO.readAll(descriptor, limit: 256) ?? []
      let text = String(decoding: known, as: UTF8.self)
      if text.wholeMatch(of: /[0-9a-f]{32}\n/) != nil { return String(text.dropLast()) }
      guard text.isEmpty else { throw notOurs(path) }
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
  private static func finished(_ descriptor: CInt, _ path: String) throws -> [String: String?] {
    let size = lseek(descriptor, 0, SEEK_END)
    guard size >= 0, lseek(descriptor, 0, SEEK_SET) == 0 else { throw failure(path) }
    let end = try lastLineEnd(descriptor, path, size: size)
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw failure(path) }
    var lines = InputLines(descriptor, name: path, limit: Int(end))
    var finished: [String: String?] = [:]
    while let line = try lines.next(bytes: 1)?.first {
      guard line.fault == nil, let written = try BatchResult.written(line.text) else {
        throw Ending(
          code: 65,
          message: "\(path):\(line.number): it is no line of a batch's: give another file with -o")
      }
      // A failure that somebody has put here is no answer.
      if written.isAnswer { finished[written.customID] = .some(written.digest) }
    }
    guard ftruncate(descriptor, end) == 0 else { throw failure(path) }
    return finished
  }

  /// What is not a file of failures is somebody's.
  private static func checkErrors(_ descriptor: CInt, _ path: String) throws {
    var lines = InputLines(descriptor, name: path)
    guard let first = try lines.next(bytes: 1)?.first else { return }
    guard first.fault == nil, let written = try BatchResult.written(first.text), !written.isAnswer
    else { throw notOurs(path) }
  }

  private static func notOurs(_ path: String) -> Ending {
    Ending(
      code: 65,
      message:
        "\(path) is there already and is no file of a batch's: move it away, or give another "
        + "file with -o")
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

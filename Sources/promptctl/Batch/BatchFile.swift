import Glibc
import PromptClient

/// The requests of a batch, read twice: once to find every fault before anything is spent, and once to
/// send them. Neither holds more than a few lines.
struct BatchFile {
  let path: String

  /// Finds every fault, by line; returns how many requests there are.
  func check() throws -> Int {
    var status = stat()
    guard stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
      throw Ending(
        code: 65, message: "\(path) is no file that can be read twice: write the requests into one")
    }
    var names: [String: Int] = [:]
    var faults = 0
    try read { number, request in
      switch request {
      case .failure(let fault):
        faults += 1
        StandardStream.error.complain("\(path):\(number): \(fault.message)")
      case .success(let request):
        if let first = names.updateValue(number, forKey: request.customID) {
          faults += 1
          StandardStream.error.complain(
            "\(path):\(number): custom_id \(request.customID) is that of line \(first)")
        }
      }
    }
    guard faults == 0 else {
      throw Ending(code: 65, message: "\(faults) lines are faulty; nothing was sent")
    }
    guard !names.isEmpty else { throw Ending(code: 65, message: "\(path) holds no request") }
    return names.count
  }

  /// How many requests have their answers already. Refuses one that has it under another body: somebody
  /// has changed it since.
  func answered(in files: BatchOutput) throws -> Int {
    guard !files.finished.isEmpty else { return 0 }
    var (answered, changed) = (0, 0)
    try read { number, request in
      guard case .success(let request) = request, let noted = files.finished[request.customID]
      else { return }
      answered += 1
      guard let digest = noted, digest != "\(BodyDigest(request.body))" else { return }
      changed += 1
      if changed <= 10 {
        StandardStream.error.complain(
          "\(path):\(number): \(request.customID) has another body than when it was answered")
      }
    }
    guard changed > 0 else { return answered }
    throw Ending(
      code: 65,
      message:
        "\(changed) requests have changed since \(files.path) was written; nothing was sent: "
        + "give another file with -o, or take their lines out of it")
  }

  /// Gives each request to `take`, with the number of its line, or what is wrong with the line.
  func read(
    _ take: (Int, Result<BatchRequest, BatchRequest.Fault>) throws -> Void
  ) throws {
    var lines = try Lines(path)
    while let (number, request) = try lines.next() { try take(number, request) }
  }

  /// Requests one after the other.
  struct Lines: ~Copyable {
    private let descriptor: CInt
    private var lines: InputLines

    init(_ path: String) throws {
      descriptor = try InputFile.open(path)
      lines = InputLines(descriptor, name: path)
    }

    deinit { close(descriptor) }

    /// The next one; nil at the end.
    mutating func next() throws -> (
      number: Int, request: Result<BatchRequest, BatchRequest.Fault>
    )? {
      guard let line = try lines.next(bytes: 1)?.first else { return nil }
      if let fault = line.fault {
        return (line.number, .failure(BatchRequest.Fault(message: fault)))
      }
      do {
        return (line.number, .success(try BatchRequest(line: line.text, number: line.number)))
      } catch let fault as BatchRequest.Fault {
        return (line.number, .failure(fault))
      }
    }
  }
}

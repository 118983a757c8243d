import FoundationEssentials
import Glibc
import SQLite
import Synchronization

@testable import SQLiteStore

/// A folder for one store, a clock that the test sets, and all that stores in it reported.
final class StoreFixture: Sendable {
  /// The clock's first reading, in milliseconds since 1970.
  static let start: Int64 = 1_700_000_000_000

  let folder: String
  private let clock = Mutex(StoreFixture.start)
  private let heard = Mutex<[StoreCondition]>([])

  init() throws {
    let name = "promptd-sqlite-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    folder = FileManager.default.temporaryDirectory.appending(path: name).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: folder)
    } catch {
      print("\(folder) stays: \(error)")
    }
  }

  var file: String { folder + "/cache.sqlite" }
  var now: Int64 { clock.withLock(\.self) }
  var conditions: [StoreCondition] { heard.withLock(\.self) }
  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
  }

  func advance(seconds: Int64) { clock.withLock { $0 += seconds * 1000 } }

  func open(
    file: String? = nil, diskLimit: Int = 1 << 30, keepRequests: Bool = true,
    isReplay: Bool = false
  ) -> SQLiteAnswerStore {
    SQLiteAnswerStore(
      file: file ?? self.file, diskLimit: diskLimit, keepRequests: keepRequests,
      isReplay: isReplay, now: { [self] in now },
      conditions: { [self] condition in heard.withLock { $0.append(condition) } })
  }

  /// Runs `body` on a connection of its own.
  func edit<Value>(_ body: (Connection) throws -> Value) throws -> Value {
    try body(Connection(path: file, for: .writing))
  }

  /// Changes the bytes of the file where they stand: at no time is it any shorter than before and after.
  func damage(_ change: (inout [UInt8]) throws -> Void) throws {
    let place = URL(filePath: file)
    var bytes = [UInt8](try Data(contentsOf: place))
    try change(&bytes)
    let descriptor = Glibc.open(file, O_WRONLY | O_CLOEXEC)
    defer { close(descriptor) }
    guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count,
      ftruncate(descriptor, bytes.count) == 0
    else { throw POSIXError(.EIO) }
  }

  /// What this process has open in the folder, a name for each descriptor.
  func descriptors() throws -> [String] {
    let all = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    return all.compactMap {
      // One that another test has closed since has no target.
      try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
    }.filter { $0.hasPrefix(folder) }.sorted()
  }

  /// The permissions of a file in the folder, such as 0o600.
  func mode(of name: String) -> mode_t? {
    var status = stat()
    return stat("\(folder)/\(name)", &status) == 0 ? status.st_mode & 0o777 : nil
  }
}

import Dispatch
import Glibc
import Logging
import Synchronization

/// The journal thread: the only one that writes log entries, since the journal blocks its writers
/// when it stalls. Everybody else appends to a ring and goes on.
package final class LogWriter: Sendable {
  private struct Contents {
    var ring: LogRing
    var isStopping = false
  }

  /// Entries that may wait.
  package static let ringLimit = 4096
  /// How long `stop` waits for a journal that stalls, in seconds.
  private static let patience = 2

  private let contents: Mutex<Contents>
  private let arrived = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  private let format: LogFormat
  private let descriptor: Int32

  /// Starts the thread. Text and JSON go to `descriptor`, standard error unless told otherwise.
  package init(
    format: LogFormat, descriptor: Int32 = STDERR_FILENO, limit: Int = LogWriter.ringLimit
  ) {
    let stream = getenv("JOURNAL_STREAM").map { String(cString: $0) }
    self.format = format.resolved(environment: stream, descriptor: descriptor)
    self.descriptor = descriptor
    contents = Mutex(Contents(ring: LogRing(limit: limit)))
    DispatchQueue(label: "promptd.journal", qos: .utility).async { [self] in run() }
  }

  /// How many entries found no room so far.
  package var dropped: Int { contents.withLock { $0.ring.dropped } }

  /// Writes what is left and ends the thread; a journal that stalls is left alone after 2 s.
  package func stop() {
    let wasStopping = contents.withLock { contents in
      defer { contents.isStopping = true }
      return contents.isStopping
    }
    guard !wasStopping else { return }
    arrived.signal()
    _ = ended.wait(timeout: .now() + .seconds(Self.patience))
  }

  /// Appends an entry; never waits.
  func append(_ entry: LogEntry) {
    let isFirst = contents.withLock { contents in
      contents.ring.append(entry)
      return contents.ring.entries.count == 1
    }
    if isFirst { arrived.signal() }
  }

  private func run() {
    while true {
      arrived.wait()
      let (batch, isStopping) = contents.withLock { ($0.ring.take(), $0.isStopping) }
      for entry in batch.entries { write(entry) }
      if batch.dropped > 0 { write(Self.note(of: batch.dropped)) }
      if isStopping { break }
    }
    ended.signal()
  }

  private static func note(of dropped: Int) -> LogEntry {
    LogEntry(
      level: .warning, message: "log entries dropped",
      fields: [(LogField.dropped.rawValue, String(dropped))], time: now())
  }

  /// Milliseconds since 1970.
  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  private func write(_ entry: LogEntry) {
    switch format {
    case .journal: Journal.send(entry)
    case .json: write(LogLine.json(entry))
    case .auto, .text: write(LogLine.text(entry))
    }
  }

  private func write(_ line: String) {
    let bytes = Array(line.utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      // Nobody reads the log any more, and there is nowhere else to say so.
      guard count > 0 else { return }
      written += count
    }
  }
}

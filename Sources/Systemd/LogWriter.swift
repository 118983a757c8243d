import CSystemd
import Dispatch
import Glibc
package import Logging
import Synchronization

/// The journal thread: the only one that writes log entries, since the journal blocks its writers
/// when it stalls. Everybody else appends to a ring and goes on.
package final class LogWriter: Sendable {
  private struct Contents {
    var ring: LogRing
    /// Set by `stop`; from then on entries are dropped.
    var isStopping = false
    var watcher: (@Sendable (LoggedEntry) -> Void)?
  }

  /// Entries that may wait: seconds of the busiest log, in a few MiB.
  package static let ringLimit = 4096
  /// How long the first entry waits for others, in microseconds.
  private static let gathering: useconds_t = 1000
  /// Entries that are written at once, at most.
  static let batch = 64

  private let contents: Mutex<Contents>
  /// The place of `level` among all levels.
  private let threshold = Atomic<UInt8>(2)
  private let arrived = DispatchSemaphore(value: 0)
  /// Left when the thread ends.
  private let running = DispatchGroup()
  private let sink: LogSink

  /// Starts the thread, which lives until `stop`. Text and JSON go to `descriptor`, standard error
  /// unless told otherwise. `limit` entries may wait. If the kernel gives no thread, every entry
  /// is counted as dropped.
  package init(
    format: LogFormat, descriptor: Int32 = STDERR_FILENO, limit: Int = LogWriter.ringLimit
  ) {
    let stream = getenv("JOURNAL_STREAM").map { String(cString: $0) }
    sink = LogSink(
      format: format.resolved(
        environment: stream, descriptor: descriptor, isService: getenv("INVOCATION_ID") != nil),
      descriptor: descriptor)
    contents = Mutex(Contents(ring: LogRing(limit: limit)))
    running.enter()
    if !startThread() {
      contents.withLock { $0.isStopping = true }
      running.leave()
    }
  }

  /// Nothing below it is logged; may be changed at any time.
  package var level: Logger.Level {
    get { Logger.Level.allCases[Int(threshold.load(ordering: .relaxed))] }
    set {
      let place = Logger.Level.allCases.firstIndex(of: newValue) ?? 0
      threshold.store(UInt8(place), ordering: .relaxed)
    }
  }

  /// How many entries were dropped so far: they found no room, came after `stop`, or were among those of
  /// one write that failed.
  package var dropped: Int { contents.withLock { $0.ring.dropped } }

  /// Takes no more entries, writes what is left and ends the thread. A journal or a reader that
  /// stalls is left alone after `limit`, and the thread with it: then this returns false.
  @discardableResult
  package func stop(atMost limit: Duration = .seconds(2)) -> Bool {
    contents.withLock { $0.isStopping = true }
    arrived.signal()
    let (seconds, attoseconds) = limit.components
    let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    return running.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success
  }

  /// Shows `watcher` each entry as it comes, on the thread that logs it, in place of whoever was
  /// shown them before; nil is nobody.
  package func watch(_ watcher: (@Sendable (LoggedEntry) -> Void)?) {
    contents.withLock { $0.watcher = watcher }
  }

  /// Appends an entry; never waits for what is written.
  func append(_ entry: LogEntry) {
    let (isFirst, watcher) = contents.withLock { contents in
      if contents.isStopping {
        contents.ring.drop()
        return (false, contents.watcher)
      }
      contents.ring.append(entry)
      return (contents.ring.count == 1, contents.watcher)
    }
    if let watcher { watcher(LoggedEntry(entry)) }
    // The thread waits only after it has found the ring empty, so the first entry wakes it.
    if isFirst { arrived.signal() }
  }

  /// Milliseconds since 1970.
  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// The thread takes no signals: those of the process go to the others, and the SIGPIPE of a
  /// reader that went away to nobody.
  private func startThread() -> Bool {
    let context = Unmanaged.passRetained(self)
    var everySignal = sigset_t()
    var before = sigset_t()
    var thread = pthread_t()
    sigfillset(&everySignal)
    // A thread inherits the mask, so no signal finds it before it has set its own.
    pthread_sigmask(SIG_SETMASK, &everySignal, &before)
    let code = pthread_create(&thread, nil, runJournalThread, context.toOpaque())
    pthread_sigmask(SIG_SETMASK, &before, nil)
    guard code == 0 else {
      context.release()
      return false
    }
    // Waited for through `running`, because joining has no time limit.
    pthread_detach(thread)
    return true
  }

  fileprivate func run() {
    while true {
      let (entries, isStopping) = contents.withLock { contents in
        var entries: [LogEntry] = []
        while entries.count < Self.batch, let entry = contents.ring.next(now: Self.now()) {
          entries.append(entry)
        }
        return (entries, contents.isStopping)
      }
      if !entries.isEmpty {
        if !sink.write(entries) { contents.withLock { $0.ring.lose(entries.count) } }
      } else if isStopping {
        break
      } else {
        arrived.wait()
        // Whoever logs much wakes the thread once for many entries.
        if !contents.withLock(\.isStopping) { usleep(Self.gathering) }
      }
    }
    running.leave()
  }
}

/// The start routine of pthread_create(3).
private func runJournalThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  // For ps and debuggers; 15 bytes at most.
  _ = systemd_shim_name_thread("promptd-journal")
  Unmanaged<LogWriter>.fromOpaque(context).takeRetainedValue().run()
  return nil
}

import CSystemd
import Dispatch
import Glibc
import Synchronization

/// Tells systemd how the service is (sd_notify(3)). Without systemd nobody listens, and nothing
/// happens; that a message was lost is no fault either. `$NOTIFY_SOCKET` stays in the environment.
///
/// Messages go out in their order on a thread of their own: sending blocks where the manager does
/// not read.
package struct ServiceNotifier: Sendable {
  private static let keepEnvironment: Int32 = 0

  /// Whether anybody listens.
  package let isListened: Bool
  /// How long systemd waits for `feedWatchdog` before it kills the service; feed it twice as often.
  /// Nil where no watchdog is set for this process (sd_watchdog_enabled(3)).
  package let watchdogInterval: Duration?

  /// Reads `$NOTIFY_SOCKET`, `$WATCHDOG_USEC` and `$WATCHDOG_PID`.
  package init() {
    isListened = getenv("NOTIFY_SOCKET") != nil
    var microseconds: UInt64 = 0
    let isWatched = sd_watchdog_enabled(Self.keepEnvironment, &microseconds) > 0
    watchdogInterval = isWatched ? .microseconds(microseconds) : nil
  }

  /// The service answers, for the first time or again after `reloading`.
  package func ready(status: String) { send("READY=1\nSTATUS=\(Self.oneLine(status))") }

  /// The line that `systemctl status` shows.
  package func status(_ status: String) { send("STATUS=\(Self.oneLine(status))") }

  /// The configuration is being read again; `ready` ends it. Without the time systemd cannot tell
  /// which reload was meant, and may wait for minutes.
  package func reloading() {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let microseconds = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
    send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
  }

  /// The service is about to end.
  package func stopping() { send("STOPPING=1\nSTATUS=Stopping") }

  /// The service is alive; due within each `watchdogInterval`.
  package func feedWatchdog() { send("WATCHDOG=1") }

  /// Asks for `time` more, from now, before systemd gives up on a start or a stop under way.
  package func extendTimeout(by time: Duration) {
    let (seconds, attoseconds) = time.components
    let (microseconds, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000)
    guard !isTooLong, microseconds >= 0 else { return }
    send("EXTEND_TIMEOUT_USEC=\(microseconds + attoseconds / 1_000_000_000_000)")
  }

  /// The process that systemd shall take for the service.
  package func mainProcess(_ pid: Int32) { send("MAINPID=\(pid)") }

  /// Returns when everything has been sent, or after `limit`.
  package func flush(atMost limit: Duration = .seconds(1)) {
    let isSent = DispatchSemaphore(value: 0)
    line.queue.async { isSent.signal() }
    let (seconds, attoseconds) = limit.components
    let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    _ = isSent.wait(timeout: .now() + .nanoseconds(nanoseconds))
  }

  private func send(_ message: String) {
    guard isListened else { return }
    // Where so many wait, nobody reads them.
    guard line.waiting.add(1, ordering: .relaxed).newValue <= Self.mostWaiting else {
      line.waiting.subtract(1, ordering: .relaxed)
      return
    }
    line.queue.async { [line] in
      sd_notify(Self.keepEnvironment, message)
      line.waiting.subtract(1, ordering: .relaxed)
    }
  }

  private static let mostWaiting = 64

  /// The messages on their way.
  private final class Line: Sendable {
    let queue = DispatchQueue(label: "promptd.notify")
    let waiting = Atomic<Int>(0)
  }

  private let line = Line()

  /// A line break would begin another assignment.
  private static func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }
}

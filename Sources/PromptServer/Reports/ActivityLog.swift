import Logging
import Synchronization
import Systemd

/// Logs how much has happened since it last did, where anything has.
final class ActivityLog: Sendable {
  private let logger: Logger
  private let look: @Sendable () -> Activity
  private let last = Mutex(Activity())

  /// `look` counts everything since promptd began.
  init(_ logger: Logger, look: @escaping @Sendable () -> Activity) {
    self.logger = logger
    self.look = look
  }

  /// One entry.
  func tell() {
    let news = last.withLock { last in
      let now = look()
      defer { last = now }
      return now - last
    }
    if news != Activity() { logger.log(.info, "activity", news.fields) }
  }
}

import Logging
import Synchronization
import Systemd

/// Keeps what is logged, for a test to read.
final class LogEntries: LogHandler {
  private let entries = Mutex<[(message: String, fields: [String: String])]>([])

  var messages: [String] { entries.withLock { $0.map(\.message) } }
  var fields: [[String: String]] { entries.withLock { $0.map(\.fields) } }

  func log(event: LogEvent) {
    let later = LaterFields(alone: event.metadata)?.named.map { ($0.name, $0.value) }
    let fields =
      later.map { Dictionary(uniqueKeysWithValues: $0) }
      ?? (event.metadata ?? [:]).mapValues { "\($0)" }
    entries.withLock { $0.append((event.message.description, fields)) }
  }

  // What a log handler must have, and no test changes.
  var logLevel: Logger.Level {
    get { .trace }
    set {}
  }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }
}

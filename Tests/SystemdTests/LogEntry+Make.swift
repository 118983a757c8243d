import Logging

@testable import Systemd

extension LogEntry {
  /// An entry of 2026-11-23T15:04:05.123Z.
  static func make(
    _ message: String = "call ended", _ fields: [(key: String, value: String)] = []
  ) -> LogEntry {
    LogEntry(level: .info, message: message, fields: fields, time: 1_795_446_245_123)
  }
}

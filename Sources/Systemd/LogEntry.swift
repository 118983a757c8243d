import Logging

/// One log entry on its way to the journal thread.
struct LogEntry: Sendable {
  var level: Logger.Level
  var message: String
  /// Names as the journal knows them, and values, in the order in which they are written.
  var fields: [(name: String, value: String)]
  /// Milliseconds since 1970.
  var time: Int64

  /// syslog(3)'s number for the level.
  var priority: Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }

  /// A name as the journal takes it: `[A-Z][A-Z0-9_]*`; it drops any other without a word.
  static func journalName(_ key: String) -> String {
    let name = key.uppercased().utf8.map { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
      default: UInt8(ascii: "_")
      }
    }
    let text = String(decoding: name, as: UTF8.self)
    return text.first?.isLetter == true ? text : "X\(text)"
  }
}

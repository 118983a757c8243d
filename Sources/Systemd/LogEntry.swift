import Logging

/// One log entry on its way to the journal thread.
struct LogEntry: Sendable {
  /// Bytes of one value, 16 KiB: the journal loses very large ones without a word, and what waits
  /// in the ring must not grow without bound.
  static let longestValue = 16 << 10
  /// Bytes of a field's name (systemd.journal-fields(7)).
  private static let longestName = 64

  let level: Logger.Level
  let message: String
  /// Keys as they were logged, and values.
  private let given: [(key: String, value: String)]
  private let later: LaterFields?
  /// Milliseconds since 1970.
  let time: Int64

  /// Cuts message and values to `longestValue`.
  init(
    level: Logger.Level, message: String, fields: [(key: String, value: String)], time: Int64
  ) {
    self.level = level
    self.message = Self.cut(message)
    given = fields.map { (key: $0.key, value: Self.cut($0.value)) }
    later = nil
    self.time = time
  }

  /// An entry whose fields are worked out when they are asked for, in the order that they come in.
  init(level: Logger.Level, message: String, later: LaterFields, time: Int64) {
    self.level = level
    self.message = Self.cut(message)
    given = []
    self.later = later
    self.time = time
  }

  /// Names as the journal knows them, and values, in the order in which they are written. Worked
  /// out by the thread that writes, for whoever logs has better things to do.
  var fields: [(name: String, value: String)] {
    if let later { return later.named.map { (name: $0.name, value: Self.cut($0.value)) } }
    return given.map { (name: Self.journalName($0.key), value: $0.value) }
      .sorted { $0.name < $1.name }
  }

  /// Tells how many entries are missing from the log.
  static func missing(_ count: Int, time: Int64) -> LogEntry {
    LogEntry(
      level: CatalogEntry.entriesDropped.level, message: CatalogEntry.entriesDropped.message,
      fields: [
        (LogField.messageID.rawValue, CatalogEntry.entriesDropped.rawValue),
        (LogField.dropped.rawValue, String(count)),
      ], time: time)
  }

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

  /// A name as the journal takes it, `[A-Z][A-Z0-9_]*`; it drops any other without a word. A key
  /// that would be a second `MESSAGE` or the like gets an `X` before it.
  static func journalName(_ key: String) -> String {
    let name = key.uppercased().utf8.map { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
      default: UInt8(ascii: "_")
      }
    }
    let text = String(decoding: name, as: UTF8.self)
    let isFree = text.first?.isLetter == true && !Journal.ownFields.contains(text)
    return String((isFree ? text : "X\(text)").prefix(longestName))
  }

  /// Whole scalars only: the journal would show text that is no UTF-8 as a list of numbers.
  private static func cut(_ text: String) -> String {
    guard text.utf8.count > longestValue else { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: longestValue)
    while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return String(text.unicodeScalars[..<end])
  }
}

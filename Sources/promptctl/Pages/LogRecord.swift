import FoundationEssentials
import Glibc
import JSON

/// An entry of the log, from the daemon or from the journal.
struct LogRecord: Equatable {
  /// One more fact of it.
  struct Field: Equatable {
    var name: String
    var value: String
  }

  /// Milliseconds since 1970.
  private let time: Int
  private let level: String
  private let message: String
  private let fields: [Field]

  /// What the daemon told whoever watches.
  init(daemon entry: JSONTree) {
    time = Self.milliseconds(entry["time"]?.string ?? "")
    level = entry["level"]?.string ?? ""
    message = entry["message"]?.string ?? ""
    fields = (entry.members ?? []).compactMap { member in
      guard !["time", "level", "message"].contains(member.name) else { return nil }
      return member.value.string.map { Field(name: member.name, value: $0) }
    }
  }

  /// A line of `journalctl --output=json`.
  init(journal entry: JSONTree) {
    time = (entry["__REALTIME_TIMESTAMP"]?.string.flatMap(Int.init) ?? 0) / 1000
    let levels = [
      "critical", "critical", "critical", "error", "warning", "notice", "info", "debug",
    ]
    let priority = entry["PRIORITY"]?.string.flatMap(Int.init) ?? 6
    level = levels.indices.contains(priority) ? levels[priority] : "info"
    message = entry["MESSAGE"].flatMap(Self.text) ?? ""
    fields = (entry.members ?? []).compactMap { member in
      guard let name = Self.shortName(member.name) else { return nil }
      return Self.text(member.value).map { Field(name: name, value: $0) }
    }.sorted { $0.name < $1.name }
  }

  /// The value of a field by its short name.
  subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

  /// For people: when, how grave unless it is usual, what, and the facts, the most telling first.
  var line: String {
    let facts = ordered.map { "\($0.name)=\(Self.plain($0.value))" }
    let grade = level == "info" ? "" : "\(level): "
    return ([localTime, grade + PlainText.cell(message)] + facts).joined(separator: "  ")
  }

  /// For programs: the object that the daemon tells.
  var json: JSONTree {
    let known = [
      ("time", LogRecord.utc(time)), ("level", level), ("message", message),
    ]
    return .object(
      known.map { .init($0.0, .string($0.1)) } + fields.map { .init($0.name, .string($0.value)) })
  }

  private var ordered: [Field] {
    let first = ["request", "client", "model", "cache", "status", "error", "detail"]
    return first.compactMap { name in fields.first { $0.name == name } }
      + fields.filter { !first.contains($0.name) && $0.name != "message_id" }
  }

  private static let utcStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  private static func utc(_ time: Int) -> String {
    // The style cuts fractions, which binary ones may be a little below.
    let seconds = Date(timeIntervalSince1970: Double(time / 1000)).formatted(.iso8601).dropLast()
    return "\(seconds).\(String(1000 + time % 1000).dropFirst())Z"
  }

  private var localTime: String {
    var seconds = time_t(time / 1000)
    var parts = tm()
    localtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 64)
    let length = strftime(&text, text.count, "%b %d %H:%M:%S", &parts)
    return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Reads `2026-11-23T15:04:05.123Z`; 0 for anything else.
  private static func milliseconds(_ text: String) -> Int {
    do {
      return Int((try utcStyle.parse(text).timeIntervalSince1970 * 1000).rounded())
    } catch {
      return 0
    }
  }

  /// A value of the journal's: text, or its bytes where there are control characters among them.
  private static func text(_ value: JSONTree) -> String? {
    value.string
      ?? value.array.map { bytes in
        String(decoding: bytes.compactMap { $0.int.flatMap(UInt8.init(exactly:)) }, as: UTF8.self)
      }
  }

  /// `client` of `PROMPTD_CLIENT`; nil for the journal's own.
  private static func shortName(_ name: String) -> String? {
    let prefix = "PROMPTD_"
    return name.hasPrefix(prefix) ? name.dropFirst(prefix.count).lowercased() : nil
  }

  private static func plain(_ value: String) -> String {
    let text = PlainText.cell(value)
    return text.contains(" ") ? "\"\(text)\"" : text
  }
}

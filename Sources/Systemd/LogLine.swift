import Glibc

/// Log entries as lines for people and for machines. No value can begin a line of its own.
enum LogLine {
  /// `2026-11-23T15:04:05.123Z info message key=value …`
  static func text(_ entry: LogEntry) -> String {
    var line = "\(timestamp(entry.time)) \(entry.level) \(plain(entry.message))"
    for (name, value) in entry.fields { line += " \(shortName(name))=\(quotedIfNeeded(value))" }
    return line + "\n"
  }

  /// One JSON object.
  static func json(_ entry: LogEntry) -> String {
    var members = [
      "\"time\":\"\(timestamp(entry.time))\"", "\"level\":\"\(entry.level)\"",
      "\"message\":\(quoted(entry.message))",
    ]
    for (name, value) in entry.fields { members.append("\"\(shortName(name))\":\(quoted(value))") }
    return "{\(members.joined(separator: ","))}\n"
  }

  /// `PROMPTD_` adds nothing here; what would pass for a member of every line gets a mark.
  private static func shortName(_ name: String) -> String {
    let short = name.hasPrefix("PROMPTD_") ? name.dropFirst("PROMPTD_".count) : name[...]
    let text = short.lowercased()
    return ["time", "level", "message"].contains(text) ? text + "_" : text
  }

  private static func timestamp(_ milliseconds: Int64) -> String {
    var seconds = time_t(milliseconds / 1000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let length = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
    let fraction = String(1000 + milliseconds % 1000).dropFirst()
    return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      + ".\(fraction)Z"
  }

  private static func plain(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
  }

  private static func quotedIfNeeded(_ value: String) -> String {
    let isPlain =
      !value.isEmpty
      && value.unicodeScalars.allSatisfy { !isControl($0) && !" \"\\=".unicodeScalars.contains($0) }
    return isPlain ? value : quoted(value)
  }

  /// A JSON string (RFC 8259, section 7).
  private static func quoted(_ value: String) -> String {
    var text = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      case _ where isControl(scalar):
        text += "\\u" + String(0x10000 + scalar.value, radix: 16).dropFirst()
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }

  /// Controls of both ranges, and the two separators that some terminals take for line breaks.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
      || scalar.value == 0x2028 || scalar.value == 0x2029
  }
}

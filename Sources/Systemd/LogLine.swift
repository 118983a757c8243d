import Glibc
import Logging

/// Log entries as lines for people and for machines. No value can begin a line of its own.
enum LogLine {
  /// Appends `2026-11-23T15:04:05.123Z info message key=value …` and a line break.
  static func text(_ entry: LogEntry, to line: inout [UInt8]) {
    append(timestamp: entry.time, to: &line)
    line.append(UInt8(ascii: " "))
    line += entry.level.rawValue.utf8
    line.append(UInt8(ascii: " "))
    append(plain: entry.message, to: &line)
    for (name, value) in entry.fields {
      line.append(UInt8(ascii: " "))
      append(shortName: name, to: &line)
      line.append(UInt8(ascii: "="))
      append(quotedIfNeeded: value, to: &line)
    }
    line.append(UInt8(ascii: "\n"))
  }

  /// Appends one JSON object and a line break.
  static func json(_ entry: LogEntry, to line: inout [UInt8]) {
    line += #"{"time":""#.utf8
    append(timestamp: entry.time, to: &line)
    line += #"","level":""#.utf8
    line += entry.level.rawValue.utf8
    line += #"","message":"#.utf8
    append(quoted: entry.message, to: &line)
    for (name, value) in entry.fields {
      line += #",""#.utf8
      append(shortName: name, to: &line)
      line += #"":"#.utf8
      append(quoted: value, to: &line)
    }
    line += "}\n".utf8
  }

  /// Members of every line, which no field may pass for.
  private static let ownNames = ["time", "level", "message"].map { Array($0.utf8) }

  /// `PROMPTD_` adds nothing here; what would pass for a member of every line gets a mark.
  private static func append(shortName name: String, to line: inout [UInt8]) {
    let start = line.count
    let short =
      name.hasPrefix("PROMPTD_") ? name.utf8.dropFirst("PROMPTD_".utf8.count) : name.utf8[...]
    // The journal's names hold no letters but these.
    for byte in short {
      line.append((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte)
    }
    if ownNames.contains(where: { $0.elementsEqual(line[start...]) }) {
      line.append(UInt8(ascii: "_"))
    }
  }

  private static func append(timestamp milliseconds: Int64, to line: inout [UInt8]) {
    var seconds = time_t(milliseconds / 1000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let numbers: [(Int32, digits: Int, after: Unicode.Scalar)] = [
      (parts.tm_year + 1900, 4, "-"), (parts.tm_mon + 1, 2, "-"), (parts.tm_mday, 2, "T"),
      (parts.tm_hour, 2, ":"), (parts.tm_min, 2, ":"), (parts.tm_sec, 2, "."),
      (Int32(milliseconds % 1000), 3, "Z"),
    ]
    for (number, digits, after) in numbers {
      let text = String(number)
      for _ in text.utf8.count..<max(digits, text.utf8.count) { line.append(UInt8(ascii: "0")) }
      line += text.utf8
      line.append(UInt8(ascii: after))
    }
  }

  private static func append(plain text: String, to line: inout [UInt8]) {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return line += text.utf8 }
    for scalar in text.unicodeScalars {
      line += isControl(scalar) ? " ".utf8 : String(scalar).utf8
    }
  }

  private static func append(quotedIfNeeded value: String, to line: inout [UInt8]) {
    if !value.isEmpty, value.utf8.allSatisfy(isPlain) { return line += value.utf8 }
    let isPlain =
      !value.isEmpty
      && value.unicodeScalars.allSatisfy { !isControl($0) && !" \"\\=".unicodeScalars.contains($0) }
    if isPlain { line += value.utf8 } else { append(quoted: value, to: &line) }
  }

  /// Whether a byte stands for itself in a value without quotes.
  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x21..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
      && byte != UInt8(ascii: "=")
  }

  /// A JSON string (RFC 8259, section 7).
  private static func append(quoted value: String, to line: inout [UInt8]) {
    line.append(UInt8(ascii: "\""))
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": line += #"\""#.utf8
      case "\\": line += #"\\"#.utf8
      case "\n": line += #"\n"#.utf8
      case "\t": line += #"\t"#.utf8
      case "\r": line += #"\r"#.utf8
      case _ where isControl(scalar):
        line += #"\u"#.utf8
        line += String(0x10000 + scalar.value, radix: 16).utf8.dropFirst()
      case _ where scalar.isASCII: line.append(UInt8(ascii: scalar))
      default: line += String(scalar).utf8
      }
    }
    line.append(UInt8(ascii: "\""))
  }

  /// Controls of both ranges, and the two separators that some terminals take for line breaks.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
      || scalar.value == 0x2028 || scalar.value == 0x2029
  }
}

/// Text that is safe to show: what models and other users write must not steer a terminal.
enum PlainText {
  /// The text with a replacement character for each control character but tab and line feed.
  static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { shown.append(isControl(scalar) ? "\u{FFFD}" : scalar) }
    return String(shown)
  }

  /// The text on one line, for a cell of a table.
  static func cell(_ text: String) -> String {
    let line = printable(text)
    return line.contains { $0 == "\n" || $0 == "\t" }
      ? String(line.map { $0 == "\n" || $0 == "\t" ? " " : $0 }) : line
  }

  /// C0 apart from tab and line feed, DEL, and C1 (ECMA-48), what separates lines, and what turns the
  /// direction of others' text (UAX #9).
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}

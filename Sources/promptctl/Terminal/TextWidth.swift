/// Columns that text takes on a terminal: East Asian letters and pictures take two, accents none.
enum TextWidth {
  /// Blocks whose letters are wide (UAX #11, East_Asian_Width W and F), as far as they are letters.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD,
  ]

  /// The columns of printable text.
  static func of(_ text: some StringProtocol) -> Int {
    text.unicodeScalars.reduce(0) { $0 + columns($1) }
  }

  /// As much of the beginning as goes into so many columns.
  static func prefix(_ text: String, _ width: Int) -> String {
    // No letter takes more columns than it has bytes.
    if text.utf8.count <= width { return text }
    var room = width
    return String(
      text.prefix { letter in
        room -= of(String(letter))
        return room >= 0
      })
  }

  private static func columns(_ scalar: Unicode.Scalar) -> Int {
    if scalar.isASCII { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    let isWide =
      scalar.properties.isEmojiPresentation || wide.contains { $0.contains(scalar.value) }
    return isWide ? 2 : 1
  }
}

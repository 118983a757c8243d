/// What a person presses.
enum TopKey: Equatable {
  case quit, help, pause, resume, cancel, raise, lower, up, down, filter, escape, enter, erase
  case text(Character)

  /// Reads what a terminal sends; while `isTyping`, letters are text.
  static func keys(_ bytes: [UInt8], isTyping: Bool) -> [TopKey] {
    var keys: [TopKey] = []
    var rest = bytes[...]
    while let byte = rest.first {
      // Cursor keys (ECMA-48, and as xterm sends them).
      if rest.count >= 3, byte == 0x1B,
        rest[rest.startIndex + 1] == 0x5B || rest[rest.startIndex + 1] == 0x4F
      {
        switch rest[rest.startIndex + 2] {
        case UInt8(ascii: "A"): keys.append(.up)
        case UInt8(ascii: "B"): keys.append(.down)
        default: break
        }
        rest = rest.dropFirst(3)
        continue
      }
      rest = rest.dropFirst()
      if let key = isTyping ? typed(byte) : command(byte) { keys.append(key) }
    }
    return keys
  }

  private static func typed(_ byte: UInt8) -> TopKey? {
    switch byte {
    case 0x1B: .escape
    case 0x0A, 0x0D: .enter
    case 0x08, 0x7F: .erase
    case 0x03: .quit
    case 0x20...0x7E: .text(Character(UnicodeScalar(byte)))
    default: nil
    }
  }

  private static func command(_ byte: UInt8) -> TopKey? {
    switch byte {
    case 0x03, UInt8(ascii: "q"): .quit
    case UInt8(ascii: "h"), UInt8(ascii: "?"): .help
    case UInt8(ascii: "p"): .pause
    case UInt8(ascii: "r"): .resume
    case UInt8(ascii: "c"): .cancel
    case UInt8(ascii: "+"): .raise
    case UInt8(ascii: "-"): .lower
    case UInt8(ascii: "k"): .up
    case UInt8(ascii: "j"): .down
    case UInt8(ascii: "/"): .filter
    case 0x1B: .escape
    default: nil
    }
  }
}

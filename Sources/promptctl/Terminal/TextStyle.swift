import Glibc

/// How text for people looks: with colours on a terminal that wants them, else plain; and how much of
/// it goes beside each other.
struct TextStyle: Equatable {
  var hasColours: Bool
  /// Columns of the terminal; nil where text may be as wide as it is.
  var width: Int?

  static let plain = TextStyle(hasColours: false)

  /// Colours only for a terminal, and not with `NO_COLOR` (no-color.org) or a dumb one.
  static func forOutput(
    isTerminal: Bool, width: Int? = nil, environment: [String: String]
  ) -> TextStyle {
    let isRefused = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    return TextStyle(
      hasColours: isTerminal && !isRefused && environment["TERM"] != "dumb", width: width)
  }

  /// Bold by SGR sequences (ECMA-48, section 8.3.117).
  func heading(_ text: String) -> String { hasColours ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

  /// A state in the colour of what it means: green for what goes on, yellow for what waits for somebody
  /// or something, red for what is wrong. The word says it too.
  func state(_ text: String) -> String {
    guard hasColours, let colour = Self.colour(text.prefix { $0.isLetter || $0 == "_" }) else {
      return text
    }
    return "\u{1B}[\(colour)m\(text)\u{1B}[0m"
  }

  private static func colour(_ word: Substring) -> Int? {
    switch word {
    case "serving", "running", "done", "hit": 32
    case "paused", "held", "probing", "retrying", "stopping", "retired", "stale", "cancelled": 33
    case "failing", "failed", "degraded": 31
    default: nil
    }
  }
}

import Glibc

/// How text for people looks: with colours on a terminal that wants them, else plain.
struct TextStyle: Equatable {
  var hasColours: Bool

  static let plain = TextStyle(hasColours: false)

  /// Colours only for a terminal, and not with `NO_COLOR` (no-color.org) or a dumb one.
  static func forOutput(isTerminal: Bool, environment: [String: String]) -> TextStyle {
    let isRefused = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    return TextStyle(hasColours: isTerminal && !isRefused && environment["TERM"] != "dumb")
  }

  /// Bold by SGR sequences (ECMA-48, section 8.3.117).
  func heading(_ text: String) -> String { hasColours ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
}

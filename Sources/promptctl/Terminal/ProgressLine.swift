import Glibc

/// A line on the terminal that is written over and over, at most ten times a second. Into a pipe there
/// is none.
final class ProgressLine {
  private var shownAt: ContinuousClock.Instant?
  private static let pause = Duration.milliseconds(100)

  private init() {}

  /// A line on standard error; nil where that is no terminal.
  static func onTerminal() -> ProgressLine? {
    StandardStream.error.isTerminal ? ProgressLine() : nil
  }

  /// Shows what `text` makes for the terminal's width.
  func show(_ text: (_ width: Int) -> String) {
    let now = ContinuousClock.now
    if let shownAt, now - shownAt < Self.pause { return }
    shownAt = now
    Self.write("\r\(text(Self.width))\u{1B}[K")
  }

  /// Takes the line away.
  func clear() { Self.clear() }

  /// Takes whatever line there is away.
  static func clear() { write("\r\u{1B}[K") }

  /// Columns, one left over, so that no terminal wraps; 79 where that cannot be told.
  private static var width: Int {
    StandardStream.error.columns.map { $0 - 1 } ?? 79
  }

  private static func write(_ text: String) {
    // Where it cannot be shown the work goes on.
    do { try StandardStream.error.writeStyled(text) } catch { return }
  }
}

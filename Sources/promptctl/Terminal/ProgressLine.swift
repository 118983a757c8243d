import Dispatch
import Synchronization

/// A line on the terminal that is written anew several times a second, until it is cleared. Into a pipe
/// there is none.
final class ProgressLine: Sendable {
  private let text: @Sendable (_ width: Int) -> String
  private let isOver = Atomic<Bool>(false)
  private let queue = DispatchQueue(label: "promptctl.progress")
  private static let pause = DispatchTimeInterval.milliseconds(150)

  /// Begins to show what `text` makes for the terminal's width; nil where standard error is no terminal.
  init?(_ text: @escaping @Sendable (_ width: Int) -> String) {
    guard StandardStream.error.isTerminal else { return nil }
    self.text = text
    showSoon()
  }

  /// Takes the line away; it does not come again.
  func clear() {
    isOver.store(true, ordering: .relaxed)
    queue.sync { Self.write("\r\u{1B}[K") }
  }

  private func showSoon() {
    queue.asyncAfter(deadline: .now() + Self.pause) { [weak self] in
      guard let self, !isOver.load(ordering: .relaxed) else { return }
      Self.write("\r\(text(Self.width))\u{1B}[K")
      showSoon()
    }
  }

  /// Columns, one left over, so that no terminal wraps; 79 where that cannot be told.
  private static var width: Int { StandardStream.error.columns.map { $0 - 1 } ?? 79 }

  private static func write(_ text: String) {
    // Where it cannot be shown the work goes on.
    do { try StandardStream.error.writeStyled(text) } catch { return }
  }
}

package import PromptProtocol

/// How many jobs are at work of each owner and class, and from where on the next are to be read: the
/// rest stay on disk, so that memory does not grow with them.
///
/// Each owner has a window of its own in each class, so that no job waits behind those of a lesser
/// class, nor behind another's thousands: among those at work the queue is fair.
package struct JobWindows: Equatable, Sendable {
  /// Whose jobs, of which class.
  package struct Line: Hashable, Sendable {
    package var priority: PriorityClass
    package var owner: String

    package init(priority: PriorityClass, owner: String) {
      self.priority = priority
      self.owner = owner
    }
  }

  /// What to read next: at most `count` queued jobs with numbers above `after`.
  package struct Reading: Equatable, Sendable {
    package var line: Line
    package var after: Int64
    package var count: Int
  }

  private struct Window: Equatable {
    var atWork = 0
    /// Every queued job up to this number has been read.
    var lastNumber: Int64 = 0
    /// There may be more on disk.
    var mayHaveMore = true
  }

  /// Jobs at work in one window, at most.
  private let size: Int
  /// Bytes of the bodies of all at work, about: one more is begun below it.
  private let byteLimit: Int
  private var bytes = 0
  private var windows: [Line: Window] = [:]

  /// Windows of this size; `byteLimit` is for all of them together.
  package init(size: Int, byteLimit: Int) {
    self.size = size
    self.byteLimit = byteLimit
  }

  /// Whether there is room for one more.
  package var hasRoom: Bool { bytes < byteLimit }

  /// What is to be read now, the best class first.
  package var readings: [Reading] {
    guard hasRoom else { return [] }
    return windows.filter { $0.value.mayHaveMore && $0.value.atWork < size }
      .map { line, window in
        Reading(line: line, after: window.lastNumber, count: size - window.atWork)
      }
      .sorted { left, right in
        (right.line.priority, left.line.owner) < (left.line.priority, right.line.owner)
      }
  }

  /// There are jobs of this line on disk.
  package mutating func submitted(_ line: Line) {
    windows[line, default: Window()].mayHaveMore = true
  }

  /// Every queued job of this line up to this number has been read.
  package mutating func read(_ line: Line, upTo number: Int64) {
    windows[line, default: Window()].lastNumber = number
  }

  /// A reading brought less than it asked for: there is no more.
  package mutating func exhausted(_ line: Line) {
    windows[line]?.mayHaveMore = false
    forgetIfIdle(line)
  }

  /// A job is at work now.
  package mutating func began(_ line: Line, bytes: Int) {
    windows[line, default: Window()].atWork += 1
    self.bytes += bytes
  }

  /// A job is at work no more: it is over, or held back.
  package mutating func ended(_ line: Line, bytes: Int) {
    self.bytes = max(0, self.bytes - bytes)
    guard let atWork = windows[line]?.atWork, atWork > 0 else { return }
    windows[line]?.atWork = atWork - 1
    forgetIfIdle(line)
  }

  /// Owners come and go; a line that begins anew is read from its first queued job.
  private mutating func forgetIfIdle(_ line: Line) {
    if let window = windows[line], window.atWork == 0, !window.mayHaveMore { windows[line] = nil }
  }
}

package import PromptProtocol

/// How many jobs are at work of each class, and from where on the next are to be read: the rest stay
/// on disk, so that memory does not grow with them.
///
/// Each class has a window of its own, so that no job waits behind those of a lesser class.
package struct JobWindows: Equatable, Sendable {
  /// What to read next of a class: at most `count` queued jobs with numbers above `after`.
  package struct Reading: Equatable, Sendable {
    package var priority: PriorityClass
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

  /// Jobs at work in one class, at most.
  private let size: Int
  private var windows: [PriorityClass: Window] = [:]

  /// Windows of this size, with whatever is on disk before them.
  package init(size: Int) {
    self.size = size
    for priority in PriorityClass.allCases { windows[priority] = Window() }
  }

  /// What is to be read now, the best class first.
  package var readings: [Reading] {
    PriorityClass.allCases.reversed().compactMap { priority in
      guard let window = windows[priority], window.mayHaveMore, window.atWork < size else {
        return nil
      }
      return Reading(
        priority: priority, after: window.lastNumber, count: size - window.atWork)
    }
  }

  /// A job of this class has been written to disk.
  package mutating func submitted(_ priority: PriorityClass) {
    windows[priority]?.mayHaveMore = true
  }

  /// A reading brought these numbers, in order, whose jobs are at work now.
  package mutating func read(_ reading: Reading, numbers: [Int64]) {
    windows[reading.priority]?.atWork += numbers.count
    if let last = numbers.last { windows[reading.priority]?.lastNumber = last }
    windows[reading.priority]?.mayHaveMore = numbers.count == reading.count
  }

  /// A job of this class is over.
  package mutating func ended(_ priority: PriorityClass) {
    guard let atWork = windows[priority]?.atWork, atWork > 0 else { return }
    windows[priority]?.atWork = atWork - 1
  }
}

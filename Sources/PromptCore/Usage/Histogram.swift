/// How many of some spans of time were at most so long, and how long they were together.
package struct Histogram: Equatable, Sendable {
  /// Upper bounds in milliseconds: from what a local upstream takes to what none may.
  package static let bounds = [
    5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 120_000, 300_000,
  ]

  /// For each bound how many were at most that long and longer than the one before; the last for those
  /// that were longer than all.
  private var counts = [Int](repeating: 0, count: bounds.count + 1)
  /// In milliseconds.
  package private(set) var sum = 0

  /// Of no span.
  package init() {}

  /// How many there were.
  package var count: Int { counts.reduce(0, +) }

  /// Counts a span, in milliseconds.
  package mutating func add(_ milliseconds: Int) {
    let span = max(0, milliseconds)
    counts[Self.bounds.firstIndex { span <= $0 } ?? Self.bounds.count] += 1
    sum &+= span
  }

  /// For each bound how many were at most that long.
  package var cumulative: [Int] {
    var all = 0
    return counts.dropLast().map { count in
      all += count
      return all
    }
  }
}

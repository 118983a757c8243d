import HeapModule
package import PromptProtocol

/// When which request must have come how far, the earliest first.
package struct Deadlines: Sendable {
  /// What a deadline is for.
  package enum Kind: Int, Sendable {
    /// The disk must have answered.
    case look
    /// It must have left the queue.
    case wait
    /// It must be answered.
    case answer
  }

  /// One request that is late.
  package struct Due: Equatable, Sendable {
    package var request: RequestID
    package var kind: Kind

    package init(request: RequestID, kind: Kind) {
      self.request = request
      self.kind = kind
    }
  }

  private struct Entry: Comparable {
    var time: MonotonicTime
    var due: Due

    static func < (left: Self, right: Self) -> Bool { left.time < right.time }
  }

  private var entries = Heap<Entry>()

  package init() {}

  /// The earliest deadline of all, also of requests that have ended since.
  package var earliest: MonotonicTime? { entries.min?.time }

  package mutating func add(_ time: MonotonicTime, _ request: RequestID, _ kind: Kind) {
    entries.insert(Entry(time: time, due: Due(request: request, kind: kind)))
  }

  /// Takes out everything that is due at `now`.
  package mutating func due(at now: MonotonicTime) -> [Due] {
    var all: [Due] = []
    while let first = entries.min, first.time <= now {
      entries.removeMin()
      all.append(first.due)
    }
    return all
  }

  /// Forgets the deadlines of ended requests once they are most of what is here.
  package mutating func sweep(living: Int, isAlive: (RequestID) -> Bool) {
    // A living request has at most three deadlines.
    guard entries.count > 6 * living + 64 else { return }
    entries = Heap(entries.unordered.filter { isAlive($0.due.request) })
  }
}

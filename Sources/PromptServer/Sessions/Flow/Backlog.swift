import DequeModule

/// Pieces of replies that wait, in order.
struct Backlog {
  private var parts: Deque<ReplyPart> = []
  /// What they keep waiting, in bytes.
  private(set) var bytes = 0

  var isEmpty: Bool { parts.isEmpty }

  mutating func append(_ part: ReplyPart) {
    bytes += part.size
    parts.append(part)
  }

  /// Puts parts before all others.
  mutating func prepend(_ new: [ReplyPart]) {
    bytes += new.reduce(0) { $0 + $1.size }
    parts.prepend(contentsOf: new)
  }

  mutating func popFirst() -> ReplyPart? {
    guard let part = parts.popFirst() else { return nil }
    bytes -= part.size
    return part
  }
}

import DequeModule

/// Keeps the replies to bare lines in the order of the lines: what comes early waits here.
struct ReplyOrder {
  /// A line's place.
  struct Ticket: Hashable, Sendable {
    var rawValue: UInt64
  }

  private struct Place {
    var waiting = Backlog()
    var isComplete = false
  }

  private var places: Deque<Place> = []
  /// Bytes of replies whose turn has not come.
  private(set) var waitingBytes = 0
  /// The ticket of the first place.
  private var first: UInt64 = 0

  /// Whether no line waits, so that the next reply may be written as it is.
  var isClear: Bool { places.isEmpty }

  /// How many lines wait, those included that are answered and whose turn has not come.
  var count: Int { places.count }

  /// Takes a place at the end.
  mutating func open() -> Ticket {
    places.append(Place())
    return Ticket(rawValue: first + UInt64(places.count - 1))
  }

  /// Adds to a line's reply. What may be said now goes to `say`; a reply that is `complete` lets
  /// those behind it follow.
  mutating func add(
    _ part: ReplyPart, to ticket: Ticket, complete: Bool, say: (ReplyPart) -> Void
  ) {
    guard ticket.rawValue >= first, places.indices.contains(Int(ticket.rawValue - first)) else {
      return
    }
    let index = Int(ticket.rawValue - first)
    if index > 0 {
      waitingBytes += part.size
      places[index].waiting.append(part)
      places[index].isComplete = complete
      return
    }
    say(part)
    guard complete else { return }
    drop()
    while !places.isEmpty {
      while let next = places[0].waiting.popFirst() {
        waitingBytes -= next.size
        say(next)
      }
      guard places[0].isComplete else { break }
      drop()
    }
  }

  private mutating func drop() {
    places.removeFirst()
    first += 1
  }
}

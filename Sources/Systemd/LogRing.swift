/// Entries that wait for the journal thread, at most so many: what finds no room is counted, and
/// told by an entry of its own once half of the room is free again. (Told at the first free place,
/// the counts would fill the room themselves for as long as too much is logged.)
struct LogRing {
  private var places: [LogEntry?]
  private var first = 0
  /// How many wait.
  private(set) var count = 0
  /// How many found no room or were lost, in all.
  private(set) var dropped = 0
  /// How many of those the log has not been told of.
  private var untold = 0

  /// `limit` is at least 1.
  init(limit: Int) { places = Array(repeating: nil, count: max(1, limit)) }

  /// Appends an entry, or counts it as dropped.
  mutating func append(_ entry: LogEntry) {
    guard count < places.count else { return drop() }
    places[(first + count) % places.count] = entry
    count += 1
  }

  /// Counts an entry that was not appended.
  mutating func drop() {
    dropped += 1
    untold += 1
  }

  /// Counts entries that could not be written. Telling of them in the log would fail in turn.
  mutating func lose(_ count: Int) { dropped += count }

  /// Takes out what is to be written next; nil when there is nothing.
  mutating func next(now: Int64) -> LogEntry? {
    if untold > 0, count <= places.count / 2 {
      defer { untold = 0 }
      return .missing(untold, time: now)
    }
    guard count > 0, let entry = places[first] else { return nil }
    places[first] = nil
    first = (first + 1) % places.count
    count -= 1
    return entry
  }
}

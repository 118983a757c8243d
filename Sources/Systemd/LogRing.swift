/// Entries that wait for the journal thread, at most so many: what finds no room is counted.
struct LogRing {
  private(set) var entries: [LogEntry] = []
  /// How many found no room since the last `take`.
  private(set) var droppedLately = 0
  /// How many found no room in all.
  private(set) var dropped = 0
  let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Appends an entry, or counts it as dropped.
  mutating func append(_ entry: LogEntry) {
    guard entries.count < limit else {
      dropped += 1
      droppedLately += 1
      return
    }
    entries.append(entry)
  }

  /// Takes everything out, and how many were dropped since the last time.
  mutating func take() -> (entries: [LogEntry], dropped: Int) {
    defer {
      entries = []
      droppedLately = 0
    }
    return (entries, droppedLately)
  }
}

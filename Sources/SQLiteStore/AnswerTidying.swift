import SQLite

/// What a look at the database's size found, and what was done about it.
struct AnswerTidying: Sendable, Equatable {
  /// Entries that are left.
  var entries: Int
  /// Bytes of the pages in use.
  var bytes: Int
  /// Entries that were removed.
  var evicted: Int
  /// Whether another round would do more.
  var isUnfinished: Bool
  /// Whether somebody else has written to the file since it was opened.
  var isShared = false
}

extension AnswerDatabase {
  /// Rows that one transaction removes at most, so that writes never wait long behind it.
  private static let evictionLimit = 500
  /// Rows that go with each transaction because they have expired.
  private static let expiredAtOnce = 100
  /// Free pages that one round gives back at most, 4 MiB with the usual page size.
  private static let vacuumLimit = 1024

  /// Removes entries that expired more than `grace` milliseconds ago (nil for none), then expired and
  /// least recently used ones while the pages in use are more than `limit` bytes, and gives free
  /// pages back when they are many; one bounded round of each.
  func tidy(limit: Int, grace: Int64?, now: Int64) throws(StoreFault) -> AnswerTidying {
    try onWriter { db in
      if let grace { try Self.removeExpired(from: db, before: now - grace) }
      var pages = try Pages(db)
      var evicted = 0
      if pages.bytesInUse > limit {
        // 2 % below the limit, so that not every transaction has to come here.
        evicted = try Self.evict(pages.bytesInUse - limit + limit / 50, from: db, now: now)
        pages = try Pages(db)
      }
      var isUnfinished = evicted > 0 && pages.bytesInUse > limit
      // Fewer free pages are soon used again, and moving others for them would be in vain.
      if !isUnfinished, pages.free > pages.all / 8 {
        let before = pages.free
        try db.run(AnswerSQL.vacuum(pages: Self.vacuumLimit))
        pages = try Pages(db)
        isUnfinished = pages.free < before && pages.free > pages.all / 8
      }
      return AnswerTidying(
        entries: Int(try db.integer(AnswerSQL.entries) ?? 0), bytes: pages.bytesInUse,
        evicted: evicted, isUnfinished: isUnfinished,
        isShared: try Self.version(db) != openedVersion)
    }
  }

  private static func removeExpired(from db: Connection, before time: Int64) throws {
    let found = try candidates(AnswerSQL.expired, [time, expiredAtOnce], in: db)
    guard !found.isEmpty else { return }
    try db.transaction {
      for row in found { try db.run(AnswerSQL.remove, [row.id]) }
    }
  }

  /// Removes rows until about `goal` bytes are free or the round is full; gives their number.
  private static func evict(_ goal: Int, from db: Connection, now: Int64) throws -> Int {
    var removed = 0
    var freed = 0
    try db.transaction {
      for query in [AnswerSQL.expired, AnswerSQL.leastRecentlyUsed] {
        let found = try candidates(query, [now, evictionLimit - removed], in: db)
        for row in found where freed < goal {
          try db.run(AnswerSQL.remove, [row.id])
          freed += row.bytes
          removed += 1
        }
      }
    }
    return removed
  }

  /// Rows that may go, and about the bytes that each one frees.
  static func candidates(
    _ sql: String, _ values: [any SQLiteValue], in db: Connection
  ) throws -> [(id: Int64, bytes: Int)] {
    try db.all(sql, values) { row in
      // The id is the row's own number, which no damage makes anything else.
      row.integer(0).map { ($0, Int(row.integer(1) ?? 0)) }
    }
  }

  /// The file's pages as the last transaction left them.
  private struct Pages {
    var all: Int
    var free: Int
    var size: Int

    init(_ db: Connection) throws {
      all = Int(try db.integer(AnswerSQL.pageCount) ?? 0)
      free = Int(try db.integer(AnswerSQL.freePageCount) ?? 0)
      size = Int(try db.integer(AnswerSQL.pageSize) ?? 0)
    }

    var bytesInUse: Int { (all - free) * size }
  }
}

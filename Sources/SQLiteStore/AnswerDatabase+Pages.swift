import PromptProtocol
import SQLite

/// Many entries at a time, for administrators.
extension AnswerDatabase {
  /// A page, and the rows that were found damaged, with the checksums that they hold.
  struct Finds: Sendable {
    var page = AnswerPage()
    var damaged: [(id: Int64, checksum: Int64)] = []
  }

  /// Rows and about the bytes of one page.
  private static let pageRows = 500
  private static let pageBytes = 1 << 20
  /// Rows, and about their bytes, that one transaction removes at most, so that writes never wait
  /// long behind it, and the log stays small.
  private static let removalRows = 500
  private static let removalBytes = 16 << 20

  /// Reads a page on a reader's queue, whole entries or what is known of them; `completion` runs
  /// there exactly once. As with `read`, the owner has said `expectRead`.
  func readPage(
    _ filter: AnswerFilter, from place: AnswerPage.Place, whole: Bool,
    completion: @escaping @Sendable (Result<Finds, StoreFault>) -> Void
  ) {
    let body = { @Sendable [self] (db: Connection) throws -> Finds in
      try check(place)
      var finds = try Self.page(filter, from: place, whole: whole, in: db)
      finds.page.next?.file = identity
      return finds
    }
    // Few rows have one key, and who explains a request is not to wait for who lists all of them.
    if filter.key == nil {
      inReader(body, completion: completion)
    } else {
      inLookUp(body, completion: completion)
    }
  }

  /// A place in another file is none in this one.
  private func check(_ place: AnswerPage.Place) throws(StoreFault) {
    if let file = place.file, file != identity { throw .replaced(file: path) }
  }

  /// Reads whole entries of a model among those that were used last, as one page.
  func readRecent(
    model: String, completion: @escaping @Sendable (Result<Finds, StoreFault>) -> Void
  ) {
    inReader { db in
      try Self.page(of: AnswerSQL.recent, [Self.recentRows, model], whole: true, in: db)
    } completion: {
      completion($0)
    }
  }

  /// Reads which entries there are after one, or from the first on, some hundred at most, in the order
  /// of their keys, on a connection for looks, which waits for it no longer than for a few looks. Nil
  /// where one of them has no digests. As with `read`, the owner has said `expectRead`.
  func readStock(
    after last: AnswerKey?,
    completion: @escaping @Sendable (Result<[AnswerKey]?, StoreFault>) -> Void
  ) {
    inLookUp { db in
      // Bytes without any are before all others.
      let place: [any SQLiteValue] =
        last.map { [$0.key, $0.variant] } ?? [[] as [UInt8], [] as [UInt8]]
      var entries: [AnswerKey]? = []
      try db.each(AnswerSQL.stock, place + [Self.stockRows]) { row throws(SQLiteError) in
        guard let key = Digest(bytes: try row.bytes(0) ?? []),
          let variant = Digest(bytes: try row.bytes(1) ?? [])
        else {
          entries = nil
          return false
        }
        entries?.append(AnswerKey(key: key, variant: variant))
        return true
      }
      return entries
    } completion: {
      completion($0)
    }
  }

  /// A page of them is put in under the store's lock.
  private static let stockRows = 500

  /// How many of the entries that were used last are looked at.
  private static let recentRows = 1000

  private static func page(
    _ filter: AnswerFilter, from place: AnswerPage.Place, whole: Bool, in db: Connection
  ) throws -> Finds {
    let last = try place.last ?? Self.lastID(db)
    let condition = AnswerCondition(filter, place.id, last)
    let columns = whole ? AnswerSQL.wholeColumns : AnswerSQL.columns
    return try page(
      of: "SELECT \(columns) FROM answer \(condition.text)", condition.values, upTo: last,
      whole: whole, in: db)
  }

  /// The id of the entry that came last.
  private static func lastID(_ db: Connection) throws -> Int64 {
    try db.integer(AnswerSQL.lastID) ?? 0
  }

  private static func page(
    of sql: String, _ values: [any SQLiteValue], upTo last: Int64? = nil, whole: Bool,
    in db: Connection
  ) throws -> Finds {
    var finds = Finds()
    var (count, bytes) = (0, 0)
    try db.each(sql, values) { row throws(SQLiteError) in
      let id = row.integer(0) ?? 0
      count += 1
      if let decoded = try AnswerRow(row, whole: whole, request: whole) {
        bytes += whole ? decoded.bytes : 0
        if !whole || decoded.isSound {
          finds.page.entries.append(.init(answer: decoded.answer, bytes: decoded.bytes))
        } else {
          finds.damaged.append((id, decoded.checksum ?? 0))
        }
      } else if whole {
        finds.damaged.append((id, row.integer(13) ?? 0))
      }
      guard count >= pageRows || bytes >= pageBytes else { return true }
      finds.page.next = AnswerPage.Place(id: id, last: last)
      return false
    }
    finds.page.damaged = finds.damaged.count
    return finds
  }

  /// Removes some of the entries that a filter means, from a place on; gives their number, and
  /// where to go on, nil when none are left.
  func remove(
    _ filter: AnswerFilter, from place: AnswerPage.Place
  ) throws(StoreFault) -> (count: Int, next: AnswerPage.Place?) {
    try check(place)
    return try onWriter { db in
      let end = try place.last ?? Self.lastID(db)
      let condition = AnswerCondition(filter, place.id, end)
      var ids: [Int64] = []
      var bytes = 0
      try db.transaction {
        let rows = try Self.candidates(
          "SELECT id, \(AnswerSQL.rowBytes) FROM answer \(condition.text) "
            + "LIMIT \(Self.removalRows)", condition.values, in: db)
        for row in rows where bytes < Self.removalBytes {
          try db.run(AnswerSQL.remove, [row.id])
          ids.append(row.id)
          bytes += row.bytes
        }
      }
      let isFull = ids.count == Self.removalRows || bytes >= Self.removalBytes
      let last = isFull ? ids.last : nil
      return (ids.count, last.map { AnswerPage.Place(id: $0, last: end, file: identity) })
    }
  }

  /// Takes what was removed out of the write-ahead log too, as far as no reader needs it.
  func emptyLog() throws(StoreFault) {
    try onWriter { db in
      // Where a reader is at it, the row says so; the log is written over by and by.
      try db.run("PRAGMA wal_checkpoint(TRUNCATE)")
    }
  }
}

/// What a filter is in SQL. Rows come in the order of their ids.
private struct AnswerCondition {
  let text: String
  let values: [any SQLiteValue]

  /// The entries with an id above `id` and up to `last`.
  init(_ filter: AnswerFilter, _ id: Int64, _ last: Int64) {
    // Where a key is given the plus keeps SQLite from walking all rows in the order of their ids.
    var parts = filter.key == nil ? ["id > ?", "id <= ?"] : ["+id > ?", "+id <= ?"]
    var values: [any SQLiteValue] = [id, last]
    if let key = filter.key {
      parts.append("key BETWEEN ? AND ?")
      values += [key.first, key.last]
    }
    if let variant = filter.variant {
      parts.append("variant = ?")
      values.append(variant)
    }
    if let model = filter.model {
      parts.append("model = ?")
      values.append(model)
    }
    if let client = filter.client {
      parts.append("client = ?")
      values.append(client)
    }
    if let time = filter.madeBefore {
      parts.append("created < ?")
      values.append(time)
    }
    text = "WHERE \(parts.joined(separator: " AND ")) ORDER BY id"
    self.values = values
  }
}

import FoundationEssentials
import GRDB
import PromptProtocol

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
    inReader { db in
      try Self.page(filter, from: place, whole: whole, in: db)
    } completion: {
      completion($0)
    }
  }

  /// Reads whole entries of a model among those that were used last, as one page.
  func readRecent(
    model: String, completion: @escaping @Sendable (Result<Finds, StoreFault>) -> Void
  ) {
    inReader { db in
      let rows = try Row.fetchCursor(
        db.cachedStatement(sql: AnswerSQL.recent), arguments: [Self.recentRows, model])
      return try Self.page(of: rows, whole: true)
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
      let rows = try Row.fetchCursor(
        db.cachedStatement(sql: AnswerSQL.stock),
        arguments: [
          Data(last?.key.bytes ?? []), Data(last?.variant.bytes ?? []), Self.stockRows,
        ])
      var entries: [AnswerKey] = []
      while let row = try rows.next() {
        guard let key = Digest(bytes: Data.fromDatabaseValue(row[0]) ?? Data()),
          let variant = Digest(bytes: Data.fromDatabaseValue(row[1]) ?? Data())
        else { return nil }
        entries.append(AnswerKey(key: key, variant: variant))
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
    _ filter: AnswerFilter, from place: AnswerPage.Place, whole: Bool, in db: Database
  ) throws -> Finds {
    let last = try place.last ?? Self.lastID(db)
    let condition = AnswerCondition(filter, place.id, last)
    let columns = whole ? AnswerSQL.wholeColumns : AnswerSQL.columns
    let rows = try Row.fetchCursor(
      db, sql: "SELECT \(columns) FROM answer \(condition.text)", arguments: condition.arguments)
    return try page(of: rows, upTo: last, whole: whole)
  }

  /// The id of the entry that came last.
  private static func lastID(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db.cachedStatement(sql: AnswerSQL.lastID)) ?? 0
  }

  private static func page(
    of rows: RowCursor, upTo last: Int64? = nil, whole: Bool
  ) throws -> Finds {
    var finds = Finds()
    var (count, bytes) = (0, 0)
    while let row = try rows.next() {
      let id = Int64.fromDatabaseValue(row[0]) ?? 0
      count += 1
      if let decoded = try AnswerRow(row, whole: whole, request: whole) {
        bytes += whole ? decoded.bytes : 0
        if !whole || decoded.isSound {
          finds.page.entries.append(.init(answer: decoded.answer, bytes: decoded.bytes))
        } else {
          finds.damaged.append((id, decoded.checksum ?? 0))
        }
      } else if whole {
        finds.damaged.append((id, Int64.fromDatabaseValue(row[13]) ?? 0))
      }
      if count >= pageRows || bytes >= pageBytes {
        finds.page.next = AnswerPage.Place(id: id, last: last)
        break
      }
    }
    finds.page.damaged = finds.damaged.count
    return finds
  }

  /// Removes some of the entries that a filter means, from a place on; gives their number, and
  /// where to go on, nil when none are left.
  func remove(
    _ filter: AnswerFilter, from place: AnswerPage.Place
  ) throws(StoreFault) -> (count: Int, next: AnswerPage.Place?) {
    try onWriter { db in
      let end = try place.last ?? Self.lastID(db)
      let condition = AnswerCondition(filter, place.id, end)
      var ids: [Int64] = []
      var bytes = 0
      try db.inTransaction(.immediate) {
        let rows = try Row.fetchAll(
          db,
          sql: "SELECT id, \(AnswerSQL.rowBytes) FROM answer \(condition.text) "
            + "LIMIT \(Self.removalRows)", arguments: condition.arguments)
        for row in rows where bytes < Self.removalBytes {
          guard let id = Int64.fromDatabaseValue(row[0]) else { continue }
          try db.cachedStatement(sql: AnswerSQL.remove).execute(arguments: [id])
          ids.append(id)
          bytes += Int.fromDatabaseValue(row[1]) ?? 0
        }
        return .commit
      }
      let isFull = ids.count == Self.removalRows || bytes >= Self.removalBytes
      let last = isFull ? ids.last : nil
      return (ids.count, last.map { AnswerPage.Place(id: $0, last: end) })
    }
  }

  /// Takes what was removed out of the write-ahead log too, as far as no reader needs it.
  func emptyLog() throws(StoreFault) {
    try onWriter { db in
      do {
        _ = try db.checkpoint(.truncate)
      } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
        // A reader is at it; the log is written over by and by.
      }
    }
  }
}

/// What a filter is in SQL. Rows come in the order of their ids.
private struct AnswerCondition {
  let text: String
  let arguments: StatementArguments

  /// The entries with an id above `id` and up to `last`.
  init(_ filter: AnswerFilter, _ id: Int64, _ last: Int64) {
    // Where a key is given the plus keeps SQLite from walking all rows in the order of their ids.
    var parts = filter.key == nil ? ["id > ?", "id <= ?"] : ["+id > ?", "+id <= ?"]
    var values: [(any DatabaseValueConvertible)?] = [id, last]
    if let key = filter.key {
      parts.append("key BETWEEN ? AND ?")
      values += [Data(key.first.bytes), Data(key.last.bytes)]
    }
    if let variant = filter.variant {
      parts.append("variant = ?")
      values.append(Data(variant.bytes))
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
    arguments = StatementArguments(values)
  }
}

import CSQLite

/// An open database, for one thread at a time. It is closed when it goes.
package final class Connection {
  package enum Access: Sendable {
    case reading
    /// The file is made where it is missing.
    case writing
  }

  private let handle: OpaquePointer
  /// Compiled statements that are not in use, by their text.
  private var statements: [String: Statement] = [:]
  /// How many of them there are.
  var statementCount: Int { statements.count }
  /// Beyond that all are compiled anew: a few texts are put together of what somebody asks.
  static let statementLimit = 64
  /// How long a lock of somebody else's is waited for, in milliseconds: another process holds one only
  /// while somebody looks at the file by hand.
  private static let patience: CInt = 2000

  package init(path: String, for access: Access) throws(SQLiteError) {
    // One thread at a time needs no lock of SQLite's own.
    var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    flags |= access == .writing ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(path, &handle, flags, nil)
    guard code == SQLITE_OK, let handle else {
      // There may be one all the same.
      sqlite3_close_v2(handle)
      throw SQLiteError(code: code)
    }
    self.handle = handle
    sqlite3_busy_timeout(handle, Self.patience)
  }

  deinit {
    statements = [:]
    sqlite3_close_v2(handle)
  }

  /// Runs statements one after the other; rows that they give are dropped.
  package func execute(_ script: String) throws(SQLiteError) {
    let result = script.withCString { start in
      Result { () throws(SQLiteError) in
        var rest = start
        while rest.pointee != 0 {
          // The rest after the last may be blanks.
          guard let statement = try Statement(rest, rest: &rest, on: handle) else { continue }
          while try statement.step() {}
        }
      }
    }
    try result.get()
  }

  /// Runs one statement to its end. What a PRAGMA does when it is compiled, as `busy_timeout` does, it does
  /// the first time alone: those belong to `execute`.
  package func run(_ sql: String, _ values: [any SQLiteValue] = []) throws(SQLiteError) {
    try each(sql, values) { _ throws(SQLiteError) in true }
  }

  /// Goes through the rows of a statement for as long as `body` says true.
  package func each(
    _ sql: String, _ values: [any SQLiteValue] = [],
    _ body: (borrowing Row) throws(SQLiteError) -> Bool
  ) throws(SQLiteError) {
    // Taken out, so that the same one can be run within it.
    let statement = try statement(sql)
    defer {
      statement.reset()
      if statements.count == Self.statementLimit { statements = [:] }
      statements[sql] = statement
    }
    try statement.bind(values)
    while try statement.step() {
      guard try body(statement.row) else { return }
    }
  }

  /// What `decode` makes of each row, without those of which it makes nothing.
  package func all<Value>(
    _ sql: String, _ values: [any SQLiteValue] = [],
    _ decode: (borrowing Row) throws(SQLiteError) -> Value?
  ) throws(SQLiteError) -> [Value] {
    var found: [Value] = []
    try each(sql, values) { row throws(SQLiteError) in
      if let value = try decode(row) { found.append(value) }
      return true
    }
    return found
  }

  /// What `decode` makes of the first row; nil where there is none.
  package func first<Value>(
    _ sql: String, _ values: [any SQLiteValue] = [],
    _ decode: (borrowing Row) throws(SQLiteError) -> Value?
  ) throws(SQLiteError) -> Value? {
    var found: Value?
    try each(sql, values) { row throws(SQLiteError) in
      found = try decode(row)
      return false
    }
    return found
  }

  /// The first column of the first row, where it is an integer.
  package func integer(
    _ sql: String, _ values: [any SQLiteValue] = []
  ) throws(SQLiteError) -> Int64? {
    try first(sql, values) { row throws(SQLiteError) in row.integer(0) }
  }

  /// How many rows the last statement changed that changes some.
  package var changes: Int { Int(sqlite3_changes64(handle)) }

  /// Does all or nothing of what `body` does, as the only one who writes.
  package func transaction<Value>(_ body: () throws -> Value) throws -> Value {
    try run("BEGIN IMMEDIATE")
    do {
      let value = try body()
      try run("COMMIT")
      return value
    } catch {
      do { try clear() } catch { /* It is ended before the connection is used again. */  }
      throw error
    }
  }

  /// Ends a transaction that could neither be committed nor rolled back, without memory or a disk.
  package func clear() throws(SQLiteError) {
    if sqlite3_get_autocommit(handle) == 0 { try run("ROLLBACK") }
  }

  private func statement(_ sql: String) throws(SQLiteError) -> Statement {
    if let kept = statements.removeValue(forKey: sql) { return kept }
    let result = sql.withCString { start in
      Result { () throws(SQLiteError) in
        var rest = start
        let statement = try Statement(start, rest: &rest, on: handle)
        let next = try Statement(rest, rest: &rest, on: handle)
        return next == nil ? statement : nil
      }
    }
    // Text with no statement in it, or several, is a mistake of who wrote it.
    guard let statement = try result.get() else { throw SQLiteError(code: SQLITE_MISUSE) }
    return statement
  }
}

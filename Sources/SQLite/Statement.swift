import CSQLite

/// A compiled statement, and the way through what it gives.
final class Statement {
  private let handle: OpaquePointer

  /// The first statement of `sql`; nil where there is none, but blanks and comments.
  init?(_ sql: UnsafePointer<CChar>, rest: inout UnsafePointer<CChar>, on connection: OpaquePointer)
    throws(SQLiteError)
  {
    var handle: OpaquePointer?
    var tail: UnsafePointer<CChar>?
    let code = sqlite3_prepare_v3(
      connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, &tail)
    guard code == SQLITE_OK else { throw SQLiteError(code: code) }
    if let tail { rest = tail }
    guard let handle else { return nil }
    self.handle = handle
  }

  deinit { sqlite3_finalize(handle) }

  /// Gives its parameters these values, one each: what is not given would be NULL.
  func bind(_ values: [any SQLiteValue]) throws(SQLiteError) {
    guard values.count == Int(sqlite3_bind_parameter_count(handle)) else {
      throw SQLiteError(code: SQLITE_RANGE)
    }
    for (index, value) in values.enumerated() {
      try value.bind(to: Parameter(statement: handle, index: CInt(index + 1)))
    }
  }

  /// Goes on to the next row; false where there are no more.
  func step() throws(SQLiteError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw SQLiteError(code: code)
    }
  }

  /// Where `step` came to.
  var row: Row { Row(statement: handle) }

  /// Back to the beginning, without what it was given.
  func reset() {
    // Says again what the last step threw.
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }
}

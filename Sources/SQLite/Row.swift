import CSQLite

/// A row that a statement has come to, until it goes on. A column that holds another type than it is
/// asked for is nil: a damaged file may hold anything.
package struct Row: ~Copyable {
  let statement: OpaquePointer

  package func integer(_ column: Int) -> Int64? {
    guard holds(SQLITE_INTEGER, in: column) else { return nil }
    return sqlite3_column_int64(statement, CInt(column))
  }

  /// A number, also where it is an integer.
  package func real(_ column: Int) -> Double? {
    guard holds(SQLITE_FLOAT, in: column) || holds(SQLITE_INTEGER, in: column) else { return nil }
    return sqlite3_column_double(statement, CInt(column))
  }

  /// A text, in which what is not UTF-8 is repaired.
  package func text(_ column: Int) throws(SQLiteError) -> String? {
    guard holds(SQLITE_TEXT, in: column) else { return nil }
    // The address first: it may bring the text into another form, of another length.
    guard let start = sqlite3_column_text(statement, CInt(column)) else {
      throw SQLiteError(code: SQLITE_NOMEM)
    }
    let count = Int(sqlite3_column_bytes(statement, CInt(column)))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  package func bytes(_ column: Int) throws(SQLiteError) -> [UInt8]? {
    guard holds(SQLITE_BLOB, in: column) else { return nil }
    let start = sqlite3_column_blob(statement, CInt(column))
    let count = Int(sqlite3_column_bytes(statement, CInt(column)))
    // Without an address it is empty, or there was no memory for it.
    guard let start else {
      if count > 0 || sqlite3_errcode(sqlite3_db_handle(statement)) == SQLITE_NOMEM {
        throw SQLiteError(code: SQLITE_NOMEM)
      }
      return []
    }
    return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  private func holds(_ type: CInt, in column: Int) -> Bool {
    sqlite3_column_type(statement, CInt(column)) == type
  }
}

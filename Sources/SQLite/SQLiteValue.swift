import CSQLite

/// What a parameter of a statement can be given.
package protocol SQLiteValue: Sendable {
  func bind(to parameter: Parameter) throws(SQLiteError)
}

/// A `?` in a statement.
package struct Parameter {
  let statement: OpaquePointer
  let index: CInt

  /// Gives it bytes, which are copied.
  package func takeBytes(_ bytes: UnsafeRawBufferPointer) throws(SQLiteError) {
    // Without an address it would be NULL.
    guard let start = bytes.baseAddress, !bytes.isEmpty else {
      return try check(sqlite3_bind_zeroblob(statement, index, 0))
    }
    try check(
      sqlite3_bind_blob64(
        statement, index, start, sqlite3_uint64(bytes.count), sqlite_shim_copied()))
  }

  func check(_ code: CInt) throws(SQLiteError) {
    if code != SQLITE_OK { throw SQLiteError(code: code) }
  }
}

extension Int64: SQLiteValue {
  package func bind(to parameter: Parameter) throws(SQLiteError) {
    try parameter.check(sqlite3_bind_int64(parameter.statement, parameter.index, self))
  }
}

extension Int: SQLiteValue {
  package func bind(to parameter: Parameter) throws(SQLiteError) {
    try Int64(self).bind(to: parameter)
  }
}

extension Double: SQLiteValue {
  package func bind(to parameter: Parameter) throws(SQLiteError) {
    try parameter.check(sqlite3_bind_double(parameter.statement, parameter.index, self))
  }
}

extension String: SQLiteValue {
  package func bind(to parameter: Parameter) throws(SQLiteError) {
    // As a C string there is an address for an empty one too; the length counts, so a zero may be in it.
    let code = withCString { start in
      sqlite3_bind_text64(
        parameter.statement, parameter.index, start, sqlite3_uint64(utf8.count),
        sqlite_shim_copied(), UInt8(SQLITE_UTF8))
    }
    try parameter.check(code)
  }
}

extension [UInt8]: SQLiteValue {
  package func bind(to parameter: Parameter) throws(SQLiteError) {
    let result = withUnsafeBytes { bytes in
      Result { () throws(SQLiteError) in try parameter.takeBytes(bytes) }
    }
    try result.get()
  }
}

extension Optional: SQLiteValue where Wrapped: SQLiteValue {
  package func bind(to parameter: Parameter) throws(SQLiteError) {
    guard let value = self else {
      return try parameter.check(sqlite3_bind_null(parameter.statement, parameter.index))
    }
    try value.bind(to: parameter)
  }
}

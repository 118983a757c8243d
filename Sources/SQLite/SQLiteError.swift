import CSQLite

/// What SQLite could not do.
///
/// SQLite's own message is left out: it may quote what a statement was given.
package struct SQLiteError: Error, Hashable, Sendable, CustomStringConvertible {
  /// An extended result code (sqlite.org/rescode.html).
  package let code: CInt

  package init(code: CInt) { self.code = code }

  /// A file that holds what it cannot.
  package static let damage = SQLiteError(code: SQLITE_CORRUPT)

  /// A connection that has been closed.
  package static let closed = SQLiteError(code: SQLITE_MISUSE)

  /// The code without what makes it an extended one.
  package var primaryCode: CInt { code & 0xFF }

  /// Whether the file is damaged, or none of SQLite's.
  package var isDamage: Bool { primaryCode == SQLITE_CORRUPT || primaryCode == SQLITE_NOTADB }

  /// Whether somebody else has the file locked.
  package var isLock: Bool { primaryCode == SQLITE_BUSY }

  package var description: String {
    "SQLite error \(code) (\(String(cString: sqlite3_errstr(code))))"
  }
}

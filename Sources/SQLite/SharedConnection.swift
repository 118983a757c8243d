import CSQLite
import Synchronization

/// A connection that several threads use by turns.
package final class SharedConnection: Sendable {
  private let connection: Mutex<Connection?>

  package init(path: String, for access: Connection.Access) throws(SQLiteError) {
    connection = Mutex(try Connection(path: path, for: access))
  }

  /// Lends it, outside of any transaction; once it is closed, that is an error.
  package func use<Value: Sendable>(
    _ body: @Sendable (Connection) throws -> Value
  ) throws -> Value {
    try connection.withLock { connection in
      guard let connection else { throw SQLiteError.closed }
      try connection.clear()
      return try body(connection)
    }
  }

  /// Waits for who has it, and closes it.
  package func close() { connection.withLock { $0 = nil } }
}

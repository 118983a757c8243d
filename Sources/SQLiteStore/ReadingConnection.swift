import Dispatch
import SQLite

/// A connection that reads answers, and the queue in which those wait who want something of it.
struct ReadingConnection: Sendable {
  private let connection: SharedConnection
  private let queue: DispatchQueue

  init(path: String, label: String) throws {
    connection = try SharedConnection(path: path, for: .reading)
    // SQLite opens the log with the first read: here, where a descriptor that is missing is a store that
    // does not open, and not a hit that is none.
    _ = try connection.use { try $0.integer(AnswerSQL.dataVersion) }
    queue = DispatchQueue(label: label)
  }

  /// Runs `body` when its turn comes, and `completion` after it, exactly once.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Connection) throws -> Value,
    completion: @escaping @Sendable (Result<Value, any Error>) -> Void
  ) {
    queue.async { completion(Result { try connection.use(body) }) }
  }

  func close() { connection.close() }
}

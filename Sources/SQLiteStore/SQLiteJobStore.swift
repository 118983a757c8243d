import FoundationEssentials
import GRDB

/// Jobs in the state file: what has been accepted is on disk. Everything here blocks on the disk.
package final class SQLiteJobStore: Sendable {
  /// How a job ended.
  package struct Ending: Sendable {
    package var id: String
    package var state: String
    package var reply: [UInt8]
    /// Milliseconds since 1970.
    package var time: Int64

    package init(id: String, state: String, reply: [UInt8], time: Int64) {
      self.id = id
      self.state = state
      self.reply = reply
      self.time = time
    }
  }

  private let database: StateDatabase

  /// The jobs in this file.
  package init(_ database: StateDatabase) { self.database = database }

  /// Takes the jobs for this process: two would do each of them twice. False while another has them,
  /// which is stopping.
  package func claim() throws(StoreFault) -> Bool { try database.claim() }

  /// Writes what changes nothing, to see whether the disk takes it.
  package func writeNothing() throws(StoreFault) {
    try database.perform { db in
      try db.inTransaction(.immediate) {
        // It is written even where it is the same.
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        try db.execute(sql: "PRAGMA user_version = \(version)")
        return .commit
      }
    }
  }

  /// Writes all or none, and returns each as it is now: one whose owner has submitted its key before
  /// is the job of that time.
  package func submit(_ rows: [JobRow]) throws(StoreFault) -> [JobRow] {
    try database.perform { db in
      var stored: [JobRow] = []
      try db.inTransaction(.immediate) {
        for row in rows {
          try db.cachedStatement(sql: JobSQL.insert).execute(
            arguments: [
              row.id, row.owner, row.client, row.identity, row.model, row.priority,
              row.idempotencyKey, Data(row.body), row.submitted,
            ])
          stored.append(try Self.stored(row, in: db))
        }
        return .commit
      }
      return stored
    }
  }

  private static func stored(_ job: JobRow, in db: Database) throws -> JobRow {
    let own = try Row.fetchOne(db, sql: JobSQL.ofID, arguments: [job.id])
    let found =
      try own
      ?? Row.fetchOne(
        db, sql: JobSQL.ofKey, arguments: [job.owner, job.idempotencyKey])
    guard let stored = row(found) else {
      throw DatabaseError(message: "a job that was written is not there")
    }
    return stored
  }

  /// Notes how jobs ended, all or none; one that had ended stays as it was. Returns the ids of those
  /// that this ended.
  package func finish(_ endings: [Ending]) throws(StoreFault) -> Set<String> {
    try database.perform { db in
      var ended: Set<String> = []
      try db.inTransaction(.immediate) {
        for ending in endings {
          try db.cachedStatement(sql: JobSQL.finish).execute(
            arguments: [ending.state, ending.time, Data(ending.reply), ending.id])
          if db.changesCount > 0 { ended.insert(ending.id) }
        }
        return .commit
      }
      return ended
    }
  }

  /// The job of this name, whole.
  package func job(_ id: String) throws(StoreFault) -> JobRow? {
    try database.perform { db in
      Self.row(try Row.fetchOne(db, sql: JobSQL.ofID, arguments: [id]))
    }
  }

  /// The job of an owner's key.
  package func job(of owner: String, key: String) throws(StoreFault) -> JobRow? {
    try database.perform { db in
      Self.row(try Row.fetchOne(db, sql: JobSQL.ofKey, arguments: [owner, key]))
    }
  }

  /// Changes whenever another file is in use than before.
  package var generation: Int { database.generation }

  /// Jobs of one owner and one class that wait.
  package struct Waiting: Equatable, Sendable {
    package var priority: Int
    package var owner: String
    package var count: Int
    /// Of all bodies.
    package var bytes: Int
  }

  /// Whose jobs wait, of which class.
  package func waiting() throws(StoreFault) -> [Waiting] {
    try database.perform { db in
      try Row.fetchAll(db, sql: JobSQL.waiting).map { row in
        Waiting(
          priority: Int.fromDatabaseValue(row[0]) ?? 0,
          owner: String.fromDatabaseValue(row[1]) ?? "",
          count: max(0, Int.fromDatabaseValue(row[2]) ?? 0),
          bytes: max(0, Int.fromDatabaseValue(row[3]) ?? 0))
      }
    }
  }

  /// Queued jobs of an owner and a class without their bodies, the first submitted first.
  package func queued(
    priority: Int, owner: String, after number: Int64, count: Int
  ) throws(StoreFault) -> [JobRow] {
    try rows(JobSQL.queued, [priority, owner, number, count])
  }

  /// The latest jobs of an owner, or of everybody, without bodies and replies.
  package func latest(owner: String?, count: Int) throws(StoreFault) -> [JobRow] {
    guard let owner else { return try rows(JobSQL.all, [count]) }
    return try rows(JobSQL.ofOwner, [owner, count])
  }

  /// Forgets what was finished before `time`, in milliseconds since 1970, and of each owner the oldest
  /// whose replies together are longer than `bytes`.
  package func removeFinished(before time: Int64, beyond bytes: Int) throws(StoreFault) {
    try database.perform { db in
      try db.execute(sql: JobSQL.removeFinished, arguments: [time])
      try db.execute(sql: JobSQL.removeBeyond, arguments: [bytes])
    }
  }

  private func rows(
    _ sql: String, _ arguments: StatementArguments
  ) throws(StoreFault) -> [JobRow] {
    try database.perform { db in
      try Row.fetchAll(db, sql: sql, arguments: arguments).compactMap(Self.row)
    }
  }

  /// GRDB's own conversions trap when a damaged file holds another type, so none is used.
  private static func row(_ row: Row?) -> JobRow? {
    guard let row, let id = String.fromDatabaseValue(row["id"]),
      let owner = String.fromDatabaseValue(row["owner"])
    else { return nil }
    var job = JobRow(
      id: id, owner: owner, client: String.fromDatabaseValue(row["client"]) ?? "",
      identity: String.fromDatabaseValue(row["identity"]),
      model: String.fromDatabaseValue(row["model"]) ?? "",
      priority: Int.fromDatabaseValue(row["priority"]) ?? 0,
      idempotencyKey: String.fromDatabaseValue(row["idempotency_key"]),
      body: bytes(row["body"]) ?? [],
      submitted: Int64.fromDatabaseValue(row["submitted"]) ?? 0)
    job.bodyBytes = max(0, Int.fromDatabaseValue(row["body_bytes"]) ?? 0)
    job.number = Int64.fromDatabaseValue(row["number"]) ?? 0
    job.state = String.fromDatabaseValue(row["state"]) ?? "queued"
    job.finished = Int64.fromDatabaseValue(row["finished"])
    job.reply = bytes(row["reply"])
    return job
  }

  private static func bytes(_ value: DatabaseValue) -> [UInt8]? {
    Data.fromDatabaseValue(value).map { Array($0) }
  }
}

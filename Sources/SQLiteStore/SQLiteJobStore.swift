import SQLite

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
      try db.transaction {
        // It is written even where it is the same.
        let version = try db.integer("PRAGMA user_version") ?? 0
        try db.run("PRAGMA user_version = \(version)")
      }
    }
  }

  /// Writes all or none, and returns each as it is now: one whose owner has submitted its key before
  /// is the job of that time.
  package func submit(_ rows: [JobRow]) throws(StoreFault) -> [JobRow] {
    try database.perform { db in
      try db.transaction {
        try rows.map { row in
          try db.run(
            JobSQL.insert,
            [
              row.id, row.owner, row.client, row.identity, row.model, row.priority,
              row.idempotencyKey, row.body, row.submitted,
            ])
          return try Self.stored(row, in: db)
        }
      }
    }
  }

  private static func stored(_ job: JobRow, in db: Connection) throws -> JobRow {
    if let own = try db.first(JobSQL.ofID, [job.id], JobRow.init) { return own }
    let earlier = try db.first(JobSQL.ofKey, [job.owner, job.idempotencyKey], JobRow.init)
    // What was written a moment ago is there, or the file is damaged.
    guard let earlier else { throw SQLiteError.damage }
    return earlier
  }

  /// Notes how jobs ended, all or none; one that had ended stays as it was. Returns the ids of those
  /// that this ended.
  package func finish(_ endings: [Ending]) throws(StoreFault) -> Set<String> {
    try database.perform { db in
      try db.transaction {
        var ended: Set<String> = []
        for ending in endings {
          try db.run(JobSQL.finish, [ending.state, ending.time, ending.reply, ending.id])
          if db.changes > 0 { ended.insert(ending.id) }
        }
        return ended
      }
    }
  }

  /// The job of this name, whole.
  package func job(_ id: String) throws(StoreFault) -> JobRow? {
    try database.perform { try $0.first(JobSQL.ofID, [id], JobRow.init) }
  }

  /// The job of an owner's key.
  package func job(of owner: String, key: String) throws(StoreFault) -> JobRow? {
    try database.perform { try $0.first(JobSQL.ofKey, [owner, key], JobRow.init) }
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
      try db.all(JobSQL.waiting) { row throws(SQLiteError) in
        Waiting(
          priority: Int(row.integer(0) ?? 0), owner: try row.text(1) ?? "",
          count: max(0, Int(row.integer(2) ?? 0)), bytes: max(0, Int(row.integer(3) ?? 0)))
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
      try db.run(JobSQL.removeFinished, [time])
      try db.run(JobSQL.removeBeyond, [bytes])
    }
  }

  private func rows(
    _ sql: String, _ values: [any SQLiteValue]
  ) throws(StoreFault) -> [JobRow] {
    try database.perform { try $0.all(sql, values, JobRow.init) }
  }
}

extension JobRow {
  /// A row of `JobSQL`; nil where it does not say which job it is, or whose.
  fileprivate init?(_ row: borrowing Row) throws(SQLiteError) {
    guard let id = try row.text(1), let owner = try row.text(2) else { return nil }
    self.init(
      id: id, owner: owner, client: try row.text(3) ?? "", identity: try row.text(4),
      model: try row.text(5) ?? "", priority: Int(row.integer(6) ?? 0),
      idempotencyKey: try row.text(7), body: try row.bytes(8) ?? [],
      submitted: row.integer(11) ?? 0)
    bodyBytes = max(0, Int(row.integer(9) ?? 0))
    number = row.integer(0) ?? 0
    state = try row.text(10) ?? "queued"
    finished = row.integer(12)
    reply = try row.bytes(13)
  }
}

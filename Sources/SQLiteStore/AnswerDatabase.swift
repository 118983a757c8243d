import Dispatch
import PromptProtocol
import SQLite

/// One open database of answers: SQLite's connections and what is done on them.
///
/// Everything but `read` blocks on the disk and belongs to the writer's queue.
final class AnswerDatabase: Sendable {
  /// What a look for an entry gave.
  enum Finding: Sendable, Equatable {
    case found(StoredAnswer)
    case missing
    /// The row does not agree with the checksum it holds.
    case damaged(id: Int64, checksum: Int64)
  }

  let path: String
  /// Which file was opened: the path may lead to another one later.
  let identity: DatabaseFile.Identity?
  /// Which file is its write-ahead log.
  let log: DatabaseFile.Identity?
  private let writer: SharedConnection
  /// What `version` was when the file was opened.
  let openedVersion: Int64
  /// For looks of requests alone, which no page that somebody else reads is to keep waiting.
  private let lookUps: ReadingConnections
  /// For pages.
  private let reader: ReadingConnections
  /// Reads that are under way, or expected.
  private let reads = DispatchGroup()

  /// Opens the file, making it or bringing its schema up to date where needed.
  ///
  /// Nothing here takes longer the more entries there are.
  init(opening file: DatabaseFile) throws(StoreFault) {
    try file.prepare()
    path = file.path
    do {
      writer = try SharedConnection(path: path, for: .writing)
      openedVersion = try writer.use { db in
        try SchemaVersion.refuseNewer(db, file: file.path, known: AnswerSQL.migrations.count)
        try db.execute(AnswerSQL.writerSettings)
        try SchemaVersion.bringUpToDate(db, AnswerSQL.migrations)
        return try Self.version(db)
      }
      lookUps = try ReadingConnections(2, path: file.path, label: "promptd.answers.looks")
      reader = try ReadingConnections(1, path: file.path, label: "promptd.answers.reader")
    } catch {
      throw StoreFault(error, file: file.path)
    }
    identity = file.identity()
    log = file.logIdentity()
  }

  /// Whether a closed file is a database without damage. Reads all of it.
  static func isWhole(_ file: DatabaseFile) throws(StoreFault) -> Bool {
    do throws(SQLiteError) {
      let words = try Connection(path: file.path, for: .reading).first(
        "PRAGMA quick_check(1)"
      ) { row throws(SQLiteError) in try row.text(0) }
      return words == "ok"
    } catch {
      guard error.isDamage else { throw StoreFault(error, file: file.path) }
      return false
    }
  }

  /// What stays the same on the writing connection until somebody else writes to the file.
  static func version(_ db: Connection) throws -> Int64 {
    try db.integer(AnswerSQL.dataVersion) ?? 0
  }

  /// Says that a read will be started, so that `close` waits for it.
  ///
  /// The owner calls it before the database can be taken from it, and `read` right after.
  func expectRead() { reads.enter() }

  /// Looks for an entry on a reader's queue; `completion` runs there exactly once.
  func read(
    _ entry: AnswerKey, completion: @escaping @Sendable (Result<Finding, StoreFault>) -> Void
  ) {
    read(on: lookUps, { db in try Self.find(entry, in: db) }, completion)
  }

  private static func find(_ entry: AnswerKey, in db: Connection) throws -> Finding {
    let found = try db.first(AnswerSQL.read, [entry.key, entry.variant]) {
      row throws(SQLiteError) in
      try AnswerRow(row, whole: true, request: false)
    }
    guard let found else { return .missing }
    return found.isSound
      ? .found(found.answer) : .damaged(id: found.id, checksum: found.checksum ?? 0)
  }

  /// Runs `body` on a connection for looks, and `completion` after it exactly once; the owner has said
  /// `expectRead`.
  func inLookUp<Value: Sendable>(
    _ body: @escaping @Sendable (Connection) throws -> Value,
    completion: @escaping @Sendable (Result<Value, StoreFault>) -> Void
  ) {
    read(on: lookUps, body, completion)
  }

  /// Runs `body` on the connection for pages, and `completion` after it exactly once; the owner has
  /// said `expectRead`.
  func inReader<Value: Sendable>(
    _ body: @escaping @Sendable (Connection) throws -> Value,
    completion: @escaping @Sendable (Result<Value, StoreFault>) -> Void
  ) {
    read(on: reader, body, completion)
  }

  private func read<Value: Sendable>(
    on reader: ReadingConnections, _ body: @escaping @Sendable (Connection) throws -> Value,
    _ completion: @escaping @Sendable (Result<Value, StoreFault>) -> Void
  ) {
    reader.read(body) { [self] result in
      defer { reads.leave() }
      completion(result.mapError { StoreFault($0, file: path) })
    }
  }

  /// Does all of a turn in one transaction; `now` is in milliseconds since 1970.
  func write(_ turn: AnswerStoreState.Turn, now: Int64) throws(StoreFault) {
    try onWriter { db in
      try db.transaction {
        for entry in turn.removals {
          try db.run(AnswerSQL.removeEntry, [entry.key, entry.variant])
        }
        for order in turn.orders {
          switch order {
          case .store(let answer): try Self.store(answer, in: db, now: now)
          case .removeDamaged(let id, let checksum):
            try db.run(AnswerSQL.removeDamaged, [id, checksum])
          }
        }
        for note in turn.notes {
          try db.run(
            AnswerSQL.noteUse,
            [note.time, note.key.key, note.key.variant, note.time - UseNotes.interval])
        }
      }
    }
  }

  private static func store(_ answer: StoredAnswer, in db: Connection, now: Int64) throws {
    let checksum = AnswerChecksum.of(
      answer.entry, answer: answer.answer, boundaries: answer.boundaries)
    try db.run(
      AnswerSQL.store,
      [
        answer.key, answer.variant, answer.origin, answer.model, answer.client, answer.created,
        answer.expires, now, answer.promptTokens, answer.completionTokens, checksum,
        answer.boundaries, answer.answer, answer.request, answer.took, answer.cost,
      ])
  }

  /// Runs `body` on the writing connection and names the fault of what it throws.
  func onWriter<Value: Sendable>(
    _ body: @Sendable (Connection) throws -> Value
  ) throws(StoreFault) -> Value {
    do {
      return try writer.use(body)
    } catch {
      throw StoreFault(error, file: path)
    }
  }

  /// Waits for the reads under way and closes; the owner has let go of it before. What is in the
  /// write-ahead log goes into the file, so that a copy of that alone is whole.
  func close() {
    reads.wait()
    for readers in [lookUps, reader] { readers.close() }
    // SQLite does so by itself only where nobody else has the file open.
    do { try emptyLog() } catch { /* What the log holds is read at the next start. */  }
    writer.close()
  }
}

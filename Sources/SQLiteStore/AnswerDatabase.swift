import Dispatch
import FoundationEssentials
import GRDB
import PromptProtocol

/// One open database of answers: SQLite's connections and what is done on them.
///
/// Everything but `read` blocks on the disk and belongs to the writer's queue.
final class AnswerDatabase: Sendable {
  /// What a look for an entry gave.
  enum Finding: Sendable, Equatable {
    case found(StoredAnswer)
    case missing
    /// The row does not agree with the checksum it holds.
    case damaged(checksum: Int64)
  }

  let path: String
  /// Which file was opened: the path may lead to another one later.
  let identity: DatabaseFile.Identity?
  let pool: DatabasePool
  /// Reads under way. GRDB's pool may not be closed while another thread starts a read on it.
  private let reads = DispatchGroup()

  /// Opens the file, making it or bringing its schema up to date where needed.
  ///
  /// Nothing here takes longer the more entries there are.
  init(opening file: DatabaseFile) throws(StoreFault) {
    try file.prepare()
    path = file.path
    do {
      pool = try DatabasePool(path: file.path, configuration: Self.configuration(file.path))
      try pool.writeWithoutTransaction(Self.migrate)
    } catch {
      throw StoreFault(error, file: file.path)
    }
    identity = file.identity()
  }

  private static func configuration(_ path: String) -> Configuration {
    var configuration = Configuration()
    configuration.label = "promptd.answers"
    configuration.foreignKeysEnabled = false  // there are none
    // Another process holds a lock only while somebody looks at the file by hand.
    configuration.busyMode = .timeout(2)
    configuration.maximumReaderCount = 3
    configuration.prepareDatabase { db in
      guard !db.configuration.readonly else { return }
      try SchemaVersion.refuseNewer(db, file: path, known: AnswerSQL.migrations.count)
      try db.execute(sql: AnswerSQL.writerSettings)
    }
    return configuration
  }

  private static func migrate(_ db: Database) throws {
    try SchemaVersion.bringUpToDate(db, AnswerSQL.migrations)
  }

  /// Says that a read will be started, so that `close` waits for it.
  ///
  /// The owner calls it before the database can be taken from it, and `read` right after.
  func expectRead() { reads.enter() }

  /// Looks for an entry on a reader's queue; `completion` runs there exactly once.
  func read(
    _ entry: AnswerKey, completion: @escaping @Sendable (Result<Finding, StoreFault>) -> Void
  ) {
    pool.asyncRead { [self] result in
      defer { reads.leave() }
      do {
        completion(.success(try find(entry, in: try result.get())))
      } catch {
        completion(.failure(StoreFault(error, file: path)))
      }
    }
  }

  private func find(_ entry: AnswerKey, in db: Database) throws -> Finding {
    let rows = try Row.fetchCursor(
      db.cachedStatement(sql: AnswerSQL.read),
      arguments: [Data(entry.key.bytes), Data(entry.variant.bytes)])
    guard let row = try rows.next() else { return .missing }
    return try Self.decode(row, as: entry)
  }

  /// The answer in a row of `AnswerSQL.read`.
  ///
  /// GRDB's own conversions trap when a damaged file holds another type, so none is used.
  private static func decode(_ row: Row, as entry: AnswerKey) throws -> Finding {
    func text(_ index: Int) -> String { String.fromDatabaseValue(row[index]) ?? "" }
    func integer(_ index: Int) -> Int64 {
      if case .int64(let value) = (row[index] as DatabaseValue).storage { value } else { 0 }
    }
    let checksum = integer(7)
    let boundaries = try row.withUnsafeData(atIndex: 8) { $0.map { [UInt8]($0) } }
    let answer = try row.withUnsafeData(atIndex: 9) { $0.map { [UInt8]($0) } ?? [] }
    guard checksum == AnswerChecksum.of(entry, answer: answer, boundaries: boundaries) else {
      return .damaged(checksum: checksum)
    }
    return .found(
      StoredAnswer(
        key: entry.key, variant: entry.variant, origin: text(0), model: text(1), client: text(2),
        created: integer(3), expires: integer(4), answer: answer, boundaries: boundaries,
        promptTokens: Int(integer(5)), completionTokens: Int(integer(6))))
  }

  /// Does the orders and the notes in one transaction; `now` is in milliseconds since 1970.
  func write(
    _ orders: [WriteOrder], notes: [UseNotes.Note], now: Int64
  ) throws(StoreFault) {
    try onWriter { db in
      try db.inTransaction(.immediate) {
        for order in orders {
          switch order {
          case .store(let answer): try Self.store(answer, in: db, now: now)
          case .removeDamaged(let entry, let checksum):
            try db.cachedStatement(sql: AnswerSQL.removeDamaged).execute(
              arguments: [Data(entry.key.bytes), Data(entry.variant.bytes), checksum])
          }
        }
        for note in notes {
          try db.cachedStatement(sql: AnswerSQL.noteUse).execute(
            arguments: [
              note.time, Data(note.key.key.bytes), Data(note.key.variant.bytes),
              note.time - UseNotes.interval,
            ])
        }
        return .commit
      }
    }
  }

  private static func store(_ answer: StoredAnswer, in db: Database, now: Int64) throws {
    let entry = AnswerKey(key: answer.key, variant: answer.variant)
    let checksum = AnswerChecksum.of(
      entry, answer: answer.answer, boundaries: answer.boundaries)
    try db.cachedStatement(sql: AnswerSQL.store).execute(
      arguments: [
        Data(answer.key.bytes), Data(answer.variant.bytes), answer.origin, answer.model,
        answer.client, answer.created, answer.expires, now, answer.promptTokens,
        answer.completionTokens, checksum, answer.boundaries.map { Data($0) },
        Data(answer.answer), answer.request.map { Data($0) },
      ])
  }

  /// Runs `body` on the writing connection and names the fault of what it throws.
  func onWriter<Value>(_ body: (Database) throws -> Value) throws(StoreFault) -> Value {
    do {
      return try pool.writeWithoutTransaction(body)
    } catch {
      throw StoreFault(error, file: path)
    }
  }

  /// Waits for the reads under way and closes; the owner has let go of it before.
  func close() {
    reads.wait()
    do {
      try pool.close()
    } catch {
      // Its connections close when the pool goes; what was committed is in the file either way.
    }
  }
}

import Dispatch
import FoundationEssentials
import GRDB
import PromptProtocol
import Synchronization

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
  let pool: DatabasePool
  /// What `version` was when the file was opened.
  let openedVersion: Int64
  /// Connections for looks of requests alone: one queue to go through each, no transaction around one
  /// statement, and no page that somebody else reads to wait for.
  private let lookUps: [DatabaseQueue]
  private let lastLookUp = Atomic<Int>(0)
  private static let lookUpCount = 2
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
      openedVersion = try pool.writeWithoutTransaction(Self.version)
      lookUps = try (0..<Self.lookUpCount).map { _ in
        try DatabaseQueue(path: file.path, configuration: Self.readingConfiguration)
      }
    } catch {
      throw StoreFault(error, file: file.path)
    }
    identity = file.identity()
    log = file.logIdentity()
  }

  private static func configuration(_ path: String) -> Configuration {
    var configuration = Configuration()
    configuration.label = "promptd.answers"
    configuration.foreignKeysEnabled = false  // there are none
    // Another process holds a lock only while somebody looks at the file by hand.
    configuration.busyMode = .timeout(2)
    configuration.maximumReaderCount = 3
    configuration.allowsUnsafeTransactions = true  // `whenClear` ends them
    configuration.prepareDatabase { db in
      guard !db.configuration.readonly else { return }
      try SchemaVersion.refuseNewer(db, file: path, known: AnswerSQL.migrations.count)
      try db.execute(sql: AnswerSQL.writerSettings)
    }
    return configuration
  }

  /// Whether a closed file is a database without damage. Reads all of it.
  static func isWhole(_ file: DatabaseFile) throws(StoreFault) -> Bool {
    do {
      return try DatabaseQueue(path: file.path, configuration: readingConfiguration).read {
        try String.fetchOne($0, sql: "PRAGMA quick_check(1)") == "ok"
      }
    } catch {
      let fault = StoreFault(error, file: file.path)
      guard case .corrupt = fault else { throw fault }
      return false
    }
  }

  private static var readingConfiguration: Configuration {
    var configuration = Configuration()
    configuration.label = "promptd.answers.looks"
    configuration.readonly = true
    configuration.busyMode = .timeout(2)
    return configuration
  }

  private static func migrate(_ db: Database) throws {
    try SchemaVersion.bringUpToDate(db, AnswerSQL.migrations)
  }

  /// What stays the same on the writing connection until somebody else writes to the file.
  static func version(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db.cachedStatement(sql: AnswerSQL.dataVersion)) ?? 0
  }

  /// Says that a read will be started, so that `close` waits for it.
  ///
  /// The owner calls it before the database can be taken from it, and `read` right after.
  func expectRead() { reads.enter() }

  /// Looks for an entry on a reader's queue; `completion` runs there exactly once.
  func read(
    _ entry: AnswerKey, completion: @escaping @Sendable (Result<Finding, StoreFault>) -> Void
  ) {
    // By turns.
    let turn = lastLookUp.add(1, ordering: .relaxed).newValue
    lookUps[(turn & .max) % lookUps.count].asyncUnsafeRead { [self] result in
      defer { reads.leave() }
      completion(
        Result { try find(entry, in: try result.get()) }.mapError { StoreFault($0, file: path) })
    }
  }

  private func find(_ entry: AnswerKey, in db: Database) throws -> Finding {
    let rows = try Row.fetchCursor(
      db.cachedStatement(sql: AnswerSQL.read),
      arguments: [Data(entry.key.bytes), Data(entry.variant.bytes)])
    guard let row = try rows.next(),
      let found = try AnswerRow(row, whole: true, request: false)
    else { return .missing }
    return found.isSound
      ? .found(found.answer) : .damaged(id: found.id, checksum: found.checksum ?? 0)
  }

  /// Runs `body` on a connection for looks, and `completion` after it exactly once; the owner has said
  /// `expectRead`.
  func inLookUp<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value,
    completion: @escaping @Sendable (Result<Value, StoreFault>) -> Void
  ) {
    lookUps[0].asyncUnsafeRead { [self] result in
      defer { reads.leave() }
      completion(Result { try body(try result.get()) }.mapError { StoreFault($0, file: path) })
    }
  }

  /// Runs `body` on a reader's queue, and `completion` after it exactly once; the owner has said
  /// `expectRead`.
  func inReader<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value,
    completion: @escaping @Sendable (Result<Value, StoreFault>) -> Void
  ) {
    pool.asyncRead { [self] result in
      defer { reads.leave() }
      do {
        completion(.success(try body(try result.get())))
      } catch {
        completion(.failure(StoreFault(error, file: path)))
      }
    }
  }

  /// Does all of a turn in one transaction; `now` is in milliseconds since 1970.
  func write(_ turn: AnswerStoreState.Turn, now: Int64) throws(StoreFault) {
    try onWriter { db in
      try db.inTransaction(.immediate) {
        for entry in turn.removals {
          try db.cachedStatement(sql: AnswerSQL.removeEntry).execute(
            arguments: [Data(entry.key.bytes), Data(entry.variant.bytes)])
        }
        for order in turn.orders {
          switch order {
          case .store(let answer): try Self.store(answer, in: db, now: now)
          case .removeDamaged(let id, let checksum):
            try db.cachedStatement(sql: AnswerSQL.removeDamaged).execute(
              arguments: [id, checksum])
          }
        }
        for note in turn.notes {
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
        Data(answer.answer), answer.request.map { Data($0) }, answer.took, answer.cost,
      ])
  }

  /// Runs `body` on the writing connection and names the fault of what it throws.
  func onWriter<Value>(_ body: (Database) throws -> Value) throws(StoreFault) -> Value {
    do {
      return try pool.writeWithoutTransaction { try $0.whenClear(body) }
    } catch {
      throw StoreFault(error, file: path)
    }
  }

  /// Waits for the reads under way and closes; the owner has let go of it before. What is in the
  /// write-ahead log goes into the file, so that a copy of that alone is whole.
  func close() {
    reads.wait()
    do {
      for lookUp in lookUps { try lookUp.close() }
    } catch {
      // It closes when it goes.
    }
    do throws(StoreFault) {
      // GRDB closes the connections for reading last, and those leave the log as it is.
      try emptyLog()
    } catch {
      // The log is as good: the next to open the file reads it.
    }
    do {
      try pool.close()
    } catch {
      // Its connections close when the pool goes; what was committed is in the file either way.
    }
  }
}

import GRDB
import Synchronization

/// The usage ledger in the state file. Everything here blocks on the disk.
///
/// The file is opened when it is first wanted, again at each call as long as that fails, and anew
/// once another is in its place; a damaged file stays where it is, for it is no cache.
package final class SQLiteUsageStore: Sendable {
  /// What one client spent.
  package struct Spent: Equatable, Sendable {
    package var client: String
    /// In and out.
    package var tokens: Int
    package var cost: Double
  }

  /// No sum of a day is more; a damaged file may say anything, and sums must not overflow.
  private static let most = 1 << 56

  private struct State {
    var database: DatabaseQueue?
    /// Which file was opened: the path may lead to another one later.
    var identity: DatabaseFile.Identity?
    /// Which file is its write-ahead log.
    var log: DatabaseFile.Identity?
    var isClosed = false
  }

  private let file: DatabaseFile
  private let state = Mutex(State())

  package init(file: String) { self.file = DatabaseFile(path: file) }

  /// What each client spent on a day.
  package func spent(on day: String) throws(StoreFault) -> [Spent] {
    try perform { db in
      try Row.fetchAll(db, sql: UsageSQL.spent, arguments: [day]).map(Self.spent)
    }
  }

  /// GRDB's own conversions trap when a damaged file holds another type, so none is used.
  private static func spent(in row: Row) -> Spent {
    var spent = Spent(client: String.fromDatabaseValue(row[0]) ?? "", tokens: 0, cost: 0)
    if let tokens = Int.fromDatabaseValue(row[1]) { spent.tokens = min(max(0, tokens), most) }
    if let cost = Double.fromDatabaseValue(row[2]), cost.isFinite { spent.cost = cost }
    return spent
  }

  /// What each client saved, on all days together.
  package func saved() throws(StoreFault) -> [SavingRow] {
    try perform { db in try Row.fetchAll(db, sql: UsageSQL.saved).map(Self.saved) }
  }

  private static func saved(in row: Row) -> SavingRow {
    func count(_ index: Int) -> Int { min(max(0, Int.fromDatabaseValue(row[index]) ?? 0), most) }
    let cost = Double.fromDatabaseValue(row[5]) ?? 0
    return SavingRow(
      day: "", client: String.fromDatabaseValue(row[0]) ?? "", answers: count(1),
      tokensIn: count(2), tokensOut: count(3), milliseconds: count(4),
      cost: cost.isFinite ? cost : 0)
  }

  /// Adds to what is there: all rows, or none.
  package func add(_ rows: [UsageRow], savings: [SavingRow] = []) throws(StoreFault) {
    try perform { db in
      try db.inTransaction(.immediate) {
        for row in rows {
          try db.cachedStatement(sql: UsageSQL.add).execute(
            arguments: [
              row.day, row.client, row.model, row.upstream, row.label, row.calls, row.errors,
              row.tokensIn, row.tokensOut, row.cost,
            ])
        }
        for row in savings {
          try db.cachedStatement(sql: UsageSQL.addSaving).execute(
            arguments: [
              row.day, row.client, row.answers, row.tokensIn, row.tokensOut, row.milliseconds,
              row.cost,
            ])
        }
        return .commit
      }
    }
  }

  /// Closes the file for good.
  package func close() { state.withLock { $0 = State(isClosed: true) } }

  private func perform<Value>(_ body: (Database) throws -> Value) throws(StoreFault) -> Value {
    let database = try open()
    do {
      return try database.writeWithoutTransaction(body)
    } catch {
      throw fault(error)
    }
  }

  private func open() throws(StoreFault) -> DatabaseQueue {
    let state = state.withLock { $0 }
    if state.isClosed { throw .unavailable(file: file.path, cause: "promptd is stopping") }
    if let open = state.database {
      if state.identity == file.identity() { return open }
      try letGo(of: open, state.log)
    }
    try file.prepare()
    do {
      let new = try DatabaseQueue(path: file.path, configuration: configuration)
      try new.writeWithoutTransaction { db in
        try SchemaVersion.bringUpToDate(db, UsageSQL.migrations)
      }
      let (identity, log) = (file.identity(), file.logIdentity())
      self.state.withLock { state in
        guard !state.isClosed else { return }
        state.database = new
        state.identity = identity
        state.log = log
      }
      return new
    } catch {
      throw fault(error)
    }
  }

  /// Closes a file that is no longer at its path.
  private func letGo(of database: DatabaseQueue, _ log: DatabaseFile.Identity?) throws(StoreFault) {
    state.withLock { $0.database = nil }
    do { try database.close() } catch { throw fault(error) }
    file.removeLog(log)
  }

  private func fault(_ error: any Error) -> StoreFault {
    let fault = StoreFault(error, file: file.path)
    guard case .corrupt = fault else { return fault }
    return .unavailable(
      file: file.path, cause: "it is damaged; move it away, and promptd begins an empty one")
  }

  private var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "promptd.state"
    configuration.busyMode = .timeout(2)
    configuration.prepareDatabase { [file] db in
      try SchemaVersion.refuseNewer(db, file: file.path, known: UsageSQL.migrations.count)
      try db.execute(sql: UsageSQL.settings)
    }
    return configuration
  }
}

import Glibc
import SQLite
import Synchronization

/// The state file, which usage and jobs share. Everything here blocks on the disk.
///
/// The file is opened when it is first wanted, again at each call as long as that fails, and anew
/// once another is in its place; a damaged file stays where it is, for it is no cache.
package final class StateDatabase: Sendable {
  private struct State {
    var database: SharedConnection?
    /// Which file was opened: the path may lead to another one later.
    var identity: DatabaseFile.Identity?
    /// Which file is its write-ahead log.
    var log: DatabaseFile.Identity?
    var isClosed = false
    /// The descriptor of the lock that is held.
    var claim: CInt?
  }

  /// One step for each version of the schema, from that of the version before.
  private static let migrations = UsageSQL.tables + JobSQL.tables + [UsageSQL.union]

  /// What a write has done is on disk when it returns, and what is removed is overwritten: bodies of
  /// jobs are prompts.
  private static let settings = """
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
    """

  private let file: DatabaseFile
  private let state = Mutex(State())
  /// Held while the file is looked after: two that find it replaced must not both let go of it.
  private let opening = Mutex<Void>(())
  /// Counts the files that were opened.
  private let openings = Atomic<Int>(0)

  package init(file: String) { self.file = DatabaseFile(path: file) }

  /// Closes the file for good, and lets the next promptd have what is claimed.
  package func close() {
    let old = state.withLock { state in
      defer { state = State(isClosed: true) }
      return state
    }
    if let claim = old.claim { Glibc.close(claim) }
  }

  /// Takes what only one process may do with the file; false while another has it. It is held until
  /// `close`, or the end of the process.
  func claim() throws(StoreFault) -> Bool {
    if state.withLock({ $0.claim != nil }) { return true }
    try file.prepare()
    // Not the file itself: closing it would end SQLite's own locks (sqlite.org/howtocorrupt.html, 2.2).
    let path = file.path + ".lock"
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw .unavailable(file: path, cause: String(cString: strerror(errno)))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      Glibc.close(descriptor)
      return false
    }
    let isClosed = state.withLock { state in
      if !state.isClosed { state.claim = descriptor }
      return state.isClosed
    }
    if isClosed { Glibc.close(descriptor) }
    return !isClosed
  }

  /// Lends the open file, to one at a time.
  func perform<Value: Sendable>(
    _ body: @Sendable (Connection) throws -> Value
  ) throws(StoreFault) -> Value {
    let database = try opened()
    do {
      do {
        return try database.use(body)
      } catch let error as SQLiteError where error == .closed {
        // Somebody else has found another file in its place meanwhile.
        return try opened().use(body)
      }
    } catch {
      throw fault(error)
    }
  }

  /// Changes whenever another file is in use than before.
  var generation: Int { openings.load(ordering: .relaxed) }

  private func opened() throws(StoreFault) -> SharedConnection {
    let result = opening.withLock { _ in Result { () throws(StoreFault) in try open() } }
    return try result.get()
  }

  private func open() throws(StoreFault) -> SharedConnection {
    let state = state.withLock { $0 }
    if state.isClosed { throw .unavailable(file: file.path, cause: "promptd is stopping") }
    if let open = state.database {
      if state.identity == file.identity() { return open }
      letGo(of: open, state.log)
    }
    try file.prepare()
    do {
      let new = try SharedConnection(path: file.path, for: .writing)
      try new.use { db in
        try SchemaVersion.refuseNewer(db, file: file.path, known: Self.migrations.count)
        try db.execute(Self.settings)
        try SchemaVersion.bringUpToDate(db, Self.migrations)
      }
      let (identity, log) = (file.identity(), file.logIdentity())
      self.state.withLock { state in
        guard !state.isClosed else { return }
        state.database = new
        openings.add(1, ordering: .relaxed)
        state.identity = identity
        state.log = log
      }
      return new
    } catch {
      throw fault(error)
    }
  }

  /// Closes a file that is no longer at its path.
  private func letGo(of database: SharedConnection, _ log: DatabaseFile.Identity?) {
    state.withLock { $0.database = nil }
    database.close()
    file.removeLog(log)
  }

  private func fault(_ error: any Error) -> StoreFault {
    let fault = StoreFault(error, file: file.path)
    guard case .corrupt = fault else { return fault }
    return .damaged(file: file.path)
  }
}

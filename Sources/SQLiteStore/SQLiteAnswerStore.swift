import Dispatch
import FoundationEssentials
package import PromptProtocol
import Synchronization

/// Cached answers in one SQLite file. Whatever happens to the disk, no call here fails a request:
/// what cannot be read is a miss, and what cannot be written is dropped and counted.
///
/// Reads run on a few queues of their own, writes on one queue in grouped transactions. A disk that
/// fails makes reads miss and writes vanish; it is tried again at a later write. A file that is
/// removed or replaced while it is open is opened anew at the next write.
package final class SQLiteAnswerStore: Sendable {
  /// Bytes of answers that may wait for the disk: 64 MiB.
  package static let mailboxLimit = 64 << 20
  /// How long the first answer of a transaction waits for others.
  private static let gathering = DispatchTimeInterval.milliseconds(20)

  private let file: DatabaseFile
  private let diskLimit: Int
  /// How long entries stay that have expired, in milliseconds.
  private let grace: Atomic<Int64>
  private let isReplay: Bool
  private let keepRequests: Bool
  private let canBeRead: @Sendable ([UInt8]) -> Bool
  let now: @Sendable () -> Int64
  private let conditions: @Sendable (StoreCondition) -> Void
  private let state: Mutex<AnswerStoreState>
  private let writer = DispatchQueue(label: "promptd.answers.writer")
  /// Where a read is answered that needs no database, or that none can take.
  private let misses = DispatchQueue(label: "promptd.answers.misses")
  /// Where pages are told of, which may take long: no reader waits for that.
  private let pages = DispatchQueue(label: "promptd.answers.pages")
  /// Where `conditions` is called: appended to under the lock, so they come in their order.
  private let reports = DispatchQueue(label: "promptd.answers.reports")

  /// Opens the database in `file`, making it and its folders where they are missing; blocks on the
  /// disk, no longer the more entries there are; but a file that seems damaged is read to its end, for as
  /// long as no damage is found.
  ///
  /// A file that cannot be opened, or that a newer promptd wrote, makes no error but a store that
  /// begins degraded, without a disk, and tries again at later writes.
  ///
  /// - Parameters:
  ///   - diskLimit: bytes of the pages in use beyond which entries are evicted.
  ///   - keepRequests: whether canonical requests are stored with their answers.
  ///   - grace: how long entries stay that have expired, in seconds: until then they may stand in.
  ///   - isReplay: whether nothing expires or is evicted.
  ///   - canBeRead: whether a canonical request is of use; else it is not stored. Asked on the writer's
  ///     queue.
  ///   - now: the time in milliseconds since 1970.
  ///   - conditions: told of each change of health, one call at a time, never on a caller's thread;
  ///     must not call `flush` or `close`.
  package init(
    file: String, diskLimit: Int, keepRequests: Bool, grace: Int64 = 0, isReplay: Bool = false,
    canBeRead: @escaping @Sendable ([UInt8]) -> Bool = { _ in true },
    now: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1000) },
    conditions: @escaping @Sendable (StoreCondition) -> Void
  ) {
    self.file = DatabaseFile(path: file)
    self.diskLimit = isReplay ? .max : diskLimit
    self.grace = Atomic(Self.milliseconds(grace))
    self.isReplay = isReplay
    self.keepRequests = keepRequests
    self.canBeRead = canBeRead
    self.now = now
    self.conditions = conditions
    state = Mutex(AnswerStoreState(mailboxLimit: Self.mailboxLimit))
    // A turn with nothing to write opens the file and measures it.
    writer.sync { perform(AnswerStoreState.Turn()) }
  }

  /// Looks for the entry of `key` and `variant`, and returns at once.
  ///
  /// `completion` runs exactly once on another thread, with nil for a miss, and must not call
  /// `close`. Whether the entry has expired is for the caller to see. The answer comes without its
  /// `request`.
  package func read(
    key: Digest, variant: Digest, completion: @escaping @Sendable (StoredAnswer?) -> Void
  ) {
    let entry = AnswerKey(key: key, variant: variant)
    switch state.withLock({ $0.look(for: entry) }) {
    case .none:
      misses.async { completion(nil) }
      wakeWriter { $0.missed() }
    case .waiting(var answer):
      answer.request = nil
      misses.async { [answer] in completion(answer) }
    case .onDisk(let database):
      database.read(entry) { [self] result in completion(settle(result, from: database)) }
    }
  }

  /// Whether a look for an entry may find one: false is certain, as far as promptd alone writes to
  /// the file.
  package func mayHold(key: Digest, variant: Digest) -> Bool {
    state.withLock { $0.mayHold(AnswerKey(key: key, variant: variant)) }
  }

  /// Goes through the entries of the file, page by page, on the readers' queues, after which it is
  /// known what is not there.
  private func takeStock() {
    guard let database = state.withLock({ $0.beginStock() }) else { return }
    takeStock(of: database, [], after: nil)
  }

  private func takeStock(of database: AnswerDatabase, _ page: [AnswerKey]?, after last: AnswerKey?)
  {
    guard state.withLock({ $0.tookStock(of: database, page) }) else { return }
    database.readStock(after: last) { [self] result in
      switch result {
      case .success(let entries?):
        takeStock(of: database, entries.isEmpty ? nil : entries, after: entries.last)
      case .success(nil): state.withLock { $0.lostStock(of: database, isForGood: true) }
      case .failure(let fault):
        state.withLock { $0.lostStock(of: database, isForGood: false) }
        noteFailure(of: database, fault)
      }
    }
  }

  /// The open database, where a read must follow at once; nil where there is none.
  func databaseForReading() -> AnswerDatabase? {
    state.withLock { state in
      state.database?.expectRead()
      return state.database
    }
  }

  /// Draws the consequences of a read, on the reader's queue.
  private func settle(
    _ result: Result<AnswerDatabase.Finding, StoreFault>, from database: AnswerDatabase
  ) -> StoredAnswer? {
    switch result {
    case .success(.found(let answer)):
      return answer
    case .success(.missing):
      return nil
    case .success(.damaged(let id, let checksum)):
      foundDamaged(id, checksum: checksum)
      return nil
    case .failure(let fault):
      noteFailure(of: database, fault)
      return nil
    }
  }

  /// A row does not agree with the checksum that it holds: it goes.
  func foundDamaged(_ id: Int64, checksum: Int64) {
    wakeWriter { $0.foundDamaged(id: id, checksum: checksum) }
  }

  /// Draws the consequences of a read that failed.
  func noteFailure(of database: AnswerDatabase, _ fault: StoreFault) {
    if case .corrupt = fault {
      wakeWriter { $0.foundDamaged(database) }
    } else {
      update { $0.readFailed(fault) }
    }
  }

  /// Keeps entries for so many seconds after they have expired, from now on.
  package func keepExpired(seconds: Int64) {
    grace.store(Self.milliseconds(seconds), ordering: .relaxed)
  }

  private static func milliseconds(_ seconds: Int64) -> Int64 { min(seconds, 1 << 40) * 1000 }

  /// Queues an answer for a transaction soon after, and returns at once.
  ///
  /// An entry of the same key and variant is replaced; the last one queued wins.
  package func enqueue(_ answer: StoredAnswer) {
    let answer = asKept(answer)
    // As in memory: one large answer must not push out all the others.
    guard answer.bytes <= diskLimit / 8 else { return remove(answer.entry) }
    wakeWriter { $0.arrived(answer) }
  }

  /// An answer as far as it is kept.
  func asKept(_ answer: StoredAnswer) -> StoredAnswer {
    var answer = answer
    if !keepRequests { answer.request = nil }
    return answer
  }

  /// Removes an entry for which there is a newer answer that is not stored.
  private func remove(_ entry: AnswerKey) { wakeWriter { $0.outgrew(entry) } }

  /// Notes that an entry was served at `time`, in milliseconds since 1970.
  ///
  /// It reaches the disk with a later transaction, at most once a minute for each entry.
  package func noteUse(key: Digest, variant: Digest, at time: Int64) {
    wakeWriter { $0.used(AnswerKey(key: key, variant: variant), at: time) }
  }

  /// What the store holds and did, from memory and without a wait.
  package func statistics() -> AnswerStoreStatistics { state.withLock { $0.statistics } }

  /// Blocks until all that was queued is on disk or given up, and `conditions` has heard of it.
  package func flush() {
    writer.sync { drain(everything: true) }
    reports.sync {}
  }

  /// Writes what is queued and closes; blocks until both are done. Later calls do nothing.
  package func close() {
    state.withLock { $0.closing() }
    writer.sync {
      drain(everything: true)
      release()
    }
    reports.sync {}
  }

  /// Runs `body` off the queues of readers.
  func withoutReader(_ body: @escaping @Sendable () -> Void) { pages.async(execute: body) }

  /// Runs `body` on the writer's queue, after everything that was queued.
  func onWriter(_ body: @escaping @Sendable () -> Void) {
    writer.async { [self] in
      drain(everything: true)
      body()
    }
  }

  /// Uses the database, on the writer's queue; what fails is reported like any failure. What meets
  /// damage is done again once the file has been looked through; where that was replaced, it is done in
  /// the new one if `orNew`, and else it fails.
  func useDatabase<Value>(
    orNew: Bool = false, _ body: (AnswerDatabase) throws(StoreFault) -> Value
  ) throws(StoreFault) -> Value {
    guard !state.withLock({ $0.isClosed }) else { throw fault }
    do throws(StoreFault) {
      let database = try databaseInPlace(replacing: false)
      do throws(StoreFault) {
        return try body(database)
      } catch .corrupt {
        let again = try databaseInPlace(replacing: true)
        guard orNew || again.identity == database.identity else {
          throw .replaced(file: file.path)
        }
        return try body(again)
      }
    } catch {
      if case .replaced = error { throw error }
      failed(error)
      throw error
    }
  }

  /// Notes that entries were stored on the writer's queue.
  func noteStored(_ answers: [StoredAnswer]) { state.withLock { $0.stored(answers) } }

  /// Begins an empty database in place of the present one, on the writer's queue; for a disk without
  /// room even to remove entries, and for one that is damaged.
  func beginAnew() throws(StoreFault) {
    guard !state.withLock({ $0.isClosed }) else { throw fault }
    release()
    try file.remove()
    _ = try open()
  }

  /// Removes what was damaged and has been moved aside.
  func removeDamagedFiles() { file.removeEarlier() }

  /// Why there is no database.
  var fault: StoreFault {
    state.withLock(\.fault) ?? .unavailable(file: file.path, cause: "promptd is stopping")
  }

  /// Measures what is left, and gives free pages back, perhaps after a write; on the writer's queue.
  func tidy(wrote: Bool) {
    perform(AnswerStoreState.Turn(), wrote: wrote)
    drain(everything: false)
  }

  /// Tells the state what happened, and starts the writer if that gave it something to do.
  private func wakeWriter(_ happened: (inout AnswerStoreState) -> Bool) {
    guard state.withLock({ happened(&$0) }) else { return }
    writer.asyncAfter(deadline: .now() + Self.gathering) { [self] in drain(everything: false) }
  }

  /// Takes turns until there are none; on the writer's queue.
  private func drain(everything: Bool) {
    while let turn = state.withLock({ $0.nextTurn(now: now(), everything: everything) }) {
      perform(turn)
    }
    guard state.withLock({ $0.wantsRetry() }) else { return }
    writer.asyncAfter(deadline: .now() + .milliseconds(Int(AnswerStoreState.pause) + 1)) { [self] in
      state.withLock { $0.retried() }
      drain(everything: false)
    }
  }

  private func perform(_ turn: AnswerStoreState.Turn, wrote: Bool = false) {
    var isStored = false
    do {
      let database = try databaseInPlace(replacing: turn.replaces)
      if turn.writes { try database.write(readable(turn), now: now()) }
      state.withLock { $0.stored(turn) }
      isStored = true
      let size = try tidied(database, patiently: !turn.writes)
      update { $0.tidied(size, wrote: wrote || turn.writes) }
      takeStock()
    } catch {
      if case .corrupt = error, !isStored, !turn.replaces {
        // Nothing is lost by it: once more, in a file that has been looked through, or a new one.
        var again = turn
        again.replaces = true
        return perform(again, wrote: wrote)
      }
      if !isStored { state.withLock { $0.lost(turn.orders) } }
      // A new file that is damaged at once is a failing disk: replacing it would go on for ever.
      if case .corrupt = error, !turn.replaces,
        let database = state.withLock({ $0.database })
      {
        wakeWriter { $0.foundDamaged(database) }
      } else {
        failed(error, writing: turn.writes)
      }
    }
  }

  /// Measures and cuts down; `patiently` where no answer waits for it.
  private func tidied(
    _ database: AnswerDatabase, patiently: Bool
  ) throws(StoreFault) -> AnswerTidying {
    let limit = diskLimit
    let grace = isReplay ? nil : grace.load(ordering: .relaxed)
    let time = now()
    guard patiently else { return try database.tidy(limit: limit, grace: grace, now: time) }
    return try PatientThread.run {
      Result { () throws(StoreFault) in
        try database.tidy(limit: limit, grace: grace, now: time)
      }
    }.get()
  }

  /// A turn without the requests that cannot be read again.
  func readable(_ turn: AnswerStoreState.Turn) -> AnswerStoreState.Turn {
    var turn = turn
    for index in turn.orders.indices {
      guard case .store(var answer) = turn.orders[index], let request = answer.request,
        !canBeRead(request)
      else { continue }
      answer.request = nil
      turn.orders[index] = .store(answer)
    }
    return turn
  }

  /// The open database, opened anew if there is none, or it is damaged, or its file has gone.
  private func databaseInPlace(replacing: Bool) throws(StoreFault) -> AnswerDatabase {
    if let database = state.withLock({ $0.database }) {
      if !replacing, database.identity == file.identity() { return database }
      release()
      if replacing { try replaceIfDamaged() } else { file.removeLog(database.log) }
    }
    return try open()
  }

  /// Opens the file, in place of a damaged one if need be.
  private func open() throws(StoreFault) -> AnswerDatabase {
    let database: AnswerDatabase
    do {
      database = try AnswerDatabase(opening: file)
    } catch .corrupt {
      try replaceIfDamaged()
      database = try AnswerDatabase(opening: file)
    }
    state.withLock { $0.opened(database) }
    return database
  }

  /// Moves the file aside unless it is whole after all: one read that fails can look like damage.
  private func replaceIfDamaged() throws(StoreFault) {
    let time = now()
    if state.withLock({ $0.mayLookThrough(now: time) }), try AnswerDatabase.isWhole(file) { return }
    try moveAside()
  }

  private func moveAside() throws(StoreFault) {
    let target = try file.moveAside(now: now())
    update { _ in .movedAside(to: target) }
  }

  /// Closes the database once nobody can get at it any more.
  private func release() { state.withLock { $0.released() }?.close() }

  private func failed(_ fault: StoreFault, writing: Bool = true) {
    update { $0.failed(fault, writing: writing, now: now()) }
  }

  /// Tells the state what happened, and `conditions` what that changed.
  private func update(_ happened: (inout AnswerStoreState) -> StoreCondition?) {
    state.withLock { state in
      guard let condition = happened(&state) else { return }
      reports.async { [conditions] in conditions(condition) }
    }
  }
}

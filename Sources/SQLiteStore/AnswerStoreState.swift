/// What an answer store knows, as a value behind its lock; each call says what happened and gives
/// what has to be done about it.
struct AnswerStoreState: Sendable {
  /// Something that keeps the disk from being used.
  private struct Trouble {
    var fault: StoreFault
    /// Whether a write failed: then only one that succeeds ends it.
    var isOfWriting = false
    /// When the disk is left alone, in milliseconds since 1970; a clock set back ends it too.
    var pause: Range<Int64>
  }

  /// One transaction for the writer.
  struct Turn: Sendable, Equatable {
    var orders: [WriteOrder] = []
    var notes: [UseNotes.Note] = []
    /// Entries that are to be removed before anything is stored.
    var removals: [AnswerKey] = []
    /// The database is damaged and must be replaced first.
    var replaces = false

    /// Whether there is something to write.
    var writes: Bool { !orders.isEmpty || !notes.isEmpty || !removals.isEmpty }
  }

  /// What is known of an entry without the disk.
  enum Knowledge: Sendable {
    /// It is on its way to the disk.
    case waiting(StoredAnswer)
    /// There is none: the disk may hold one, which is not to be served.
    case none
    /// The disk knows.
    case onDisk(AnswerDatabase)
  }

  /// More entries than these are not remembered to be replaced, some 100 MiB of them.
  private static let replacedLimit = 1 << 20

  /// How long the disk is left alone after a failure, in milliseconds.
  static let pause: Int64 = 2_000

  /// How long a file that seemed damaged is not looked through again, in milliseconds.
  private static let belief: Int64 = 3_600_000

  /// The database, unless it cannot be opened or the store is closed.
  private(set) var database: AnswerDatabase?
  private(set) var isClosed = false
  private var trouble: Trouble?
  private var isDamaged = false
  private var isUntidy = false
  /// When damage is believed at once, in milliseconds since 1970.
  private var believedUntil: Range<Int64> = 0..<0
  private var isWriterAwake = false
  private var isRetryDue = false
  private var mailbox: AnswerMailbox
  /// The last answers of the orders that are not settled, and how many of these there are of each.
  private var unsettled: [AnswerKey: (answer: StoredAnswer, orders: Int)] = [:]
  /// Entries that were to be replaced by answers that did not reach the disk.
  private var replaced: Set<AnswerKey> = []
  private var catalog = EntryCatalog()
  private var uses = UseNotes()
  private var figures = AnswerStoreStatistics()

  init(mailboxLimit: Int) { mailbox = AnswerMailbox(limit: mailboxLimit) }

  /// Why the disk is not used at present; nil while all is well.
  var fault: StoreFault? { trouble?.fault }

  var statistics: AnswerStoreStatistics {
    var figures = figures
    figures.waitingBytes = mailbox.bytes
    figures.trouble = trouble?.fault.description
    return figures
  }

  /// An answer came in; true if the writer has to be woken.
  mutating func arrived(_ answer: StoredAnswer) -> Bool {
    guard !isClosed else { return false }
    guard mailbox.post(.store(answer)) else {
      figures.overflowed += 1
      if answer.replaces { mustReplace(answer.entry) }
      return false
    }
    catalog.insert(answer.entry)
    unsettled[answer.entry] = (answer, (unsettled[answer.entry]?.orders ?? 0) + 1)
    return wakesWriter()
  }

  /// Somebody looked, and there is no database; true if the writer has to be woken, which opens it.
  mutating func missed() -> Bool {
    guard !isClosed, database == nil else { return false }
    isUntidy = true
    return wakesWriter()
  }

  /// An answer came that is too large for the disk; true if the writer has to be woken.
  mutating func outgrew(_ entry: AnswerKey) -> Bool {
    guard !isClosed else { return false }
    mustReplace(entry)
    return wakesWriter()
  }

  /// Somebody looks for an entry; where the disk knows, a read must follow at once.
  func look(for entry: AnswerKey) -> Knowledge {
    if let (answer, _) = unsettled[entry] { return .waiting(answer) }
    guard !replaced.contains(entry), catalog.mayHold(entry), let database else { return .none }
    database.expectRead()
    return .onDisk(database)
  }

  /// Whether a look for an entry may find one.
  func mayHold(_ entry: AnswerKey) -> Bool {
    catalog.mayHold(entry) || database == nil
  }

  /// The database whose entries are to be gone through, so that it is known which there are; nil while
  /// that is known, or cannot be. The owner tells of each page and of the end.
  mutating func beginStock() -> AnswerDatabase? {
    guard !isClosed, catalog.isWanting, let database else { return nil }
    catalog.begin(count: figures.entries, arriving: unsettled.keys)
    return database
  }

  /// A page of the entries in a database; nil for the end of them. False when that database is not
  /// used any more, and nobody wants to know.
  mutating func tookStock(of database: AnswerDatabase, _ page: [AnswerKey]?) -> Bool {
    guard self.database === database else { return false }
    guard let page else {
      catalog.finish()
      return false
    }
    for entry in page { catalog.insert(entry) }
    // Whoever closes it waits for the read that comes now.
    database.expectRead()
    return true
  }

  /// The entries of a database could not be gone through; `isForGood` when they hold what cannot be read.
  mutating func lostStock(of database: AnswerDatabase, isForGood: Bool) {
    guard self.database === database else { return }
    if isForGood { catalog.share() } else { catalog.giveUp() }
  }

  private mutating func mustReplace(_ entry: AnswerKey) {
    if replaced.count < Self.replacedLimit { replaced.insert(entry) }
  }

  private mutating func settle(_ orders: [WriteOrder]) {
    mailbox.settled(orders)
    for entry in orders.compactMap({ $0.answer?.entry }) {
      guard let waiting = unsettled[entry] else { continue }
      unsettled[entry] = waiting.orders > 1 ? (waiting.answer, waiting.orders - 1) : nil
    }
  }

  /// An entry was served; true if the writer has to be woken.
  mutating func used(_ entry: AnswerKey, at time: Int64) -> Bool {
    guard !isClosed else { return false }
    uses.note(entry, at: time)
    return uses.areEnough && wakesWriter()
  }

  /// A read met a row whose checksum does not hold; true if the writer has to be woken.
  mutating func foundDamaged(id: Int64, checksum: Int64) -> Bool {
    figures.damaged += 1
    // Without room the row stays, and the next read comes here again.
    guard !isClosed, mailbox.post(.removeDamaged(id: id, checksum: checksum)) else { return false }
    return wakesWriter()
  }

  /// Using the database found it damaged as a whole; true if the writer has to be woken.
  mutating func foundDamaged(_ database: AnswerDatabase) -> Bool {
    guard !isClosed, self.database === database else { return false }
    isDamaged = true
    return wakesWriter()
  }

  /// The file seems damaged; whether that is worth a look at all of it. Not twice within an hour: what
  /// such a look does not find is damage too.
  mutating func mayLookThrough(now: Int64) -> Bool {
    guard believedUntil.contains(now) else {
      believedUntil = now..<now + Self.belief
      return true
    }
    return false
  }

  private mutating func wakesWriter() -> Bool {
    defer { isWriterAwake = true }
    return !isWriterAwake
  }

  /// The writer asks for its next transaction; nil sends it to rest.
  ///
  /// With `everything`, notes of use are written even if they are few. While the disk is left
  /// alone, what waits is given up: a cache may forget, and must not grow.
  mutating func nextTurn(now: Int64, everything: Bool) -> Turn? {
    if let trouble, trouble.pause.contains(now) {
      while !mailbox.isEmpty { lost(mailbox.take()) }
      _ = uses.take()
    }
    let hasWork =
      isDamaged || isUntidy || !mailbox.isEmpty || !replaced.isEmpty || uses.areEnough
      || (everything && !uses.isEmpty)
    guard hasWork, trouble?.pause.contains(now) != true else {
      isWriterAwake = false
      return nil
    }
    let turn = Turn(
      orders: mailbox.take(), notes: uses.take(),
      removals: Array(replaced.prefix(AnswerMailbox.batchLimit)), replaces: isDamaged)
    isDamaged = false
    isUntidy = false
    return turn
  }

  /// A database was opened.
  mutating func opened(_ database: AnswerDatabase) {
    self.database = database
    catalog = EntryCatalog()
  }

  /// The database is to be closed; nobody is given it from now on.
  mutating func released() -> AnswerDatabase? {
    defer { database = nil }
    // That was found of this one, and the next is not to be replaced for it.
    isDamaged = false
    return database
  }

  /// A turn's transaction was committed.
  mutating func stored(_ turn: Turn) {
    settle(turn.orders)
    guard turn.writes else { return }
    replaced.subtract(turn.removals)
    figures.transactions += 1
    for answer in turn.orders.compactMap(\.answer) {
      replaced.remove(answer.entry)
      figures.written += 1
    }
  }

  /// Entries have been stored without a turn.
  mutating func stored(_ answers: [StoredAnswer]) {
    for answer in answers {
      catalog.insert(answer.entry)
      replaced.remove(answer.entry)
    }
  }

  /// True, once, when the disk must be tried again after its pause though nothing may come.
  mutating func wantsRetry() -> Bool {
    guard !replaced.isEmpty, !isClosed, !isRetryDue else { return false }
    isRetryDue = true
    return true
  }

  /// The pause is over.
  mutating func retried() { isRetryDue = false }

  /// A turn's orders could not be committed, or were not tried.
  mutating func lost(_ orders: [WriteOrder]) {
    settle(orders)
    for answer in orders.compactMap(\.answer) {
      figures.lost += 1
      if answer.replaces { mustReplace(answer.entry) }
    }
  }

  /// The database was measured, and cut down where it was too large, perhaps after a write: the disk
  /// does its part.
  mutating func tidied(_ result: AnswerTidying, wrote: Bool = true) -> StoreCondition? {
    figures.entries = result.entries
    figures.bytes = result.bytes
    figures.evicted += result.evicted
    if result.isShared { catalog.share() }
    isUntidy = result.isUnfinished && !isClosed
    guard let trouble, wrote || !trouble.isOfWriting else { return nil }
    self.trouble = nil
    return .recovered
  }

  /// The disk could not be used; says so if it is news.
  mutating func failed(
    _ fault: StoreFault, writing: Bool = true, now: Int64
  ) -> StoreCondition? {
    figures.faults += 1
    let isNews = trouble == nil
    let isOfWriting = writing || trouble?.isOfWriting == true
    trouble = Trouble(fault: fault, isOfWriting: isOfWriting, pause: now..<now + Self.pause)
    return isNews ? .degraded(reason: fault.description) : nil
  }

  /// The disk could not be read; says so if it is news. The next write may find it better, and so
  /// is not kept waiting.
  mutating func readFailed(_ fault: StoreFault) -> StoreCondition? {
    figures.faults += 1
    guard trouble == nil else { return nil }
    trouble = Trouble(fault: fault, pause: 0..<0)
    return .degraded(reason: fault.description)
  }

  /// The store takes nothing more in; the disk is tried once more for what waits.
  mutating func closing() {
    isClosed = true
    trouble?.pause = 0..<0
  }
}

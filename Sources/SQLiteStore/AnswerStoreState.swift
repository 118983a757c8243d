/// What an answer store knows, as a value behind its lock; each call says what happened and gives
/// what has to be done about it.
struct AnswerStoreState: Sendable {
  /// Something that keeps the disk from being used.
  private struct Trouble {
    /// What happened, as a sentence.
    var reason: String
    /// When the disk is left alone, in milliseconds since 1970; a clock set back ends it too.
    var pause: Range<Int64>
  }

  /// One transaction for the writer.
  struct Turn: Sendable, Equatable {
    var orders: [WriteOrder] = []
    var notes: [UseNotes.Note] = []
    /// The database is damaged and must be replaced first.
    var replaces = false

    /// Whether there is something to write.
    var writes: Bool { !orders.isEmpty || !notes.isEmpty }
  }

  /// How long the disk is left alone after a failure, in milliseconds.
  static let pause: Int64 = 2_000

  /// The database, unless it cannot be opened or the store is closed.
  private(set) var database: AnswerDatabase?
  private(set) var isClosed = false
  private var trouble: Trouble?
  private var isDamaged = false
  private var isUntidy = false
  private var isWriterAwake = false
  private var mailbox: AnswerMailbox
  private var uses = UseNotes()
  private var figures = AnswerStoreStatistics()

  init(mailboxLimit: Int) { mailbox = AnswerMailbox(limit: mailboxLimit) }

  var statistics: AnswerStoreStatistics {
    var figures = figures
    figures.waitingBytes = mailbox.bytes
    figures.trouble = trouble?.reason
    return figures
  }

  /// An answer came in; true if the writer has to be woken.
  mutating func arrived(_ answer: StoredAnswer) -> Bool {
    guard !isClosed else { return false }
    guard mailbox.post(.store(answer)) else {
      figures.overflowed += 1
      return false
    }
    return wakesWriter()
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
      isDamaged || isUntidy || !mailbox.isEmpty || uses.areEnough || (everything && !uses.isEmpty)
    guard hasWork, trouble?.pause.contains(now) != true else {
      isWriterAwake = false
      return nil
    }
    let turn = Turn(orders: mailbox.take(), notes: uses.take(), replaces: isDamaged)
    isDamaged = false
    isUntidy = false
    return turn
  }

  /// A database was opened.
  mutating func opened(_ database: AnswerDatabase) { self.database = database }

  /// The database is to be closed; nobody is given it from now on.
  mutating func released() -> AnswerDatabase? {
    defer { database = nil }
    return database
  }

  /// A turn's transaction was committed.
  mutating func stored(_ turn: Turn) {
    mailbox.settled(turn.orders)
    guard turn.writes else { return }
    figures.transactions += 1
    figures.written += turn.orders.count(where: \.isAnswer)
  }

  /// A turn's orders could not be committed, or were not tried.
  mutating func lost(_ orders: [WriteOrder]) {
    mailbox.settled(orders)
    figures.lost += orders.count(where: \.isAnswer)
  }

  /// The database was measured, and cut down where it was too large: the disk does its part.
  mutating func tidied(_ result: AnswerTidying) -> StoreCondition? {
    figures.entries = result.entries
    figures.bytes = result.bytes
    figures.evicted += result.evicted
    isUntidy = result.isUnfinished && !isClosed
    defer { trouble = nil }
    return trouble == nil ? nil : .recovered
  }

  /// The disk could not be used; says so if it is news.
  mutating func failed(_ fault: StoreFault, now: Int64) -> StoreCondition? {
    let isNews = trouble == nil
    trouble = Trouble(reason: fault.description, pause: now..<now + Self.pause)
    return isNews ? .degraded(reason: fault.description) : nil
  }

  /// The store takes nothing more in; the disk is tried once more for what waits.
  mutating func closing() {
    isClosed = true
    trouble?.pause = 0..<0
  }
}

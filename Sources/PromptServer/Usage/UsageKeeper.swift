import Dispatch
import Glibc
import PromptCore
import PromptProtocol
import SQLiteStore
import Synchronization

/// Counts what calls cost and what the cache saves, and writes it down: calls five seconds after the
/// first that is not written, savings whenever the books are looked at, and all at the end. What the
/// disk does not take is kept and tried again.
final class UsageKeeper: Sendable {
  private struct Contents {
    var ledger = UsageLedger()
    /// What each client has saved since the state file was begun, by name.
    var saved: [String: UsageFigures] = [:]
    var answers = AnswerCounts()
    /// What was saved before this start is in it.
    var hasRead = false
    var isScheduled = false
    var isClosed = false
  }

  private let store: SQLiteUsageStore
  private let contents = Mutex(Contents())
  private let books: [AnswerBook]
  private let writer = DispatchQueue(label: "promptd.usage.writer")
  private let health: StoreHealth

  /// How long what was counted waits for more.
  private static let gathering = DispatchTimeInterval.seconds(5)
  /// How often the last write is tried, and how long it waits between, in microseconds.
  private static let lastTries = 5
  private static let lastPause: UInt32 = 200_000

  init(_ store: SQLiteUsageStore, books: [AnswerBook], health: StoreHealth) {
    self.store = store
    self.books = books
    self.health = health
  }

  /// What each client has saved in all, by name, that has saved anything.
  func saved() -> [String: UsageFigures] {
    gather()
    return contents.withLock(\.saved).filter { $0.value.hits + $0.value.joined > 0 }
  }

  /// Answers that went out since the start.
  func answers() -> AnswerCounts {
    gather()
    return contents.withLock(\.answers)
  }

  /// Takes in what the books hold, which counts today.
  private func gather() {
    let day = SystemClock.day(at: SystemClock.now.wall).name
    for book in books {
      let rows = book.take()
      guard !rows.isEmpty else { continue }
      contents.withLock { contents in
        contents.ledger.note(rows, on: day)
        contents.answers.note(rows)
        for (key, figures) in rows {
          contents.saved[key.client, default: UsageFigures()] += UsageFigures(figures, key.outcome)
        }
      }
    }
  }

  /// What each client has spent on a day, by name; nothing where the file cannot be read. Blocks
  /// on the disk.
  func spent(on day: Day) -> [String: Spending] {
    // On the queue of all that is done with the file, so that it is opened once.
    writer.sync {
      do throws(StoreFault) {
        let rows = try store.spent(on: day.name)
        // A damaged file may hold one name twice.
        return rows.reduce(into: [:]) { spent, row in
          spent[row.client, default: Spending()].tokens += row.tokens
          spent[row.client, default: Spending()].cost += row.cost
        }
      } catch {
        health.note(error.description)
        return [:]
      }
    }
  }

  /// Counts a call that is over.
  func note(_ record: CallRecord) {
    let isFirst = contents.withLock { contents in
      contents.ledger.note(record)
      defer { contents.isScheduled = true }
      return !contents.isScheduled
    }
    if isFirst { writer.asyncAfter(deadline: .now() + Self.gathering) { [self] in write() } }
  }

  /// Sums usage up as asked, what is not written yet included, on the writer's own thread.
  func sums(
    _ query: UsageQuery,
    _ body: @escaping @Sendable (Result<[UsageQuery.Sum], StoreFault>) -> Void
  ) {
    writer.async { [self] in
      write()
      body(Result { () throws(StoreFault) in try store.sums(query) })
    }
  }

  /// Writes what there is, that of the books too, on the writer's own thread, and takes in what was
  /// saved before this start if it has not yet: the more days there were, the longer that takes.
  func writeSoon() {
    writer.async { [self] in
      if !contents.withLock({ $0.isClosed }) { write() }
    }
  }

  /// Writes what there is. Blocks on the disk.
  func flush() { writer.sync { _ = write() } }

  /// Writes what there is, and nothing after that. Blocks on the disk, and tries several times: there is
  /// no later.
  func close() {
    writer.sync {
      for _ in 1..<Self.lastTries {
        if write() { break }
        usleep(Self.lastPause)
      }
      write()
      contents.withLock { $0.isClosed = true }
    }
  }

  /// False where the disk does not take it.
  @discardableResult
  private func write() -> Bool {
    gather()
    let rows = contents.withLock { contents in
      contents.isScheduled = false
      return contents.ledger.take()
    }
    do throws(StoreFault) {
      // First, for what is written now is counted already.
      try readSavings()
      guard !rows.isEmpty else { return true }
      try store.add(rows)
      health.note(nil)
      return true
    } catch {
      let mustSchedule = contents.withLock { contents in
        contents.ledger.putBack(rows)
        defer { contents.isScheduled = true }
        return !contents.isScheduled
      }
      if mustSchedule { writer.asyncAfter(deadline: .now() + Self.gathering) { [self] in write() } }
      health.note(error.description)
      return false
    }
  }

  /// Takes in what was saved before this start, once.
  private func readSavings() throws(StoreFault) {
    guard !contents.withLock(\.hasRead) else { return }
    let before = try store.saved()
    health.note(nil)
    contents.withLock { contents in
      contents.hasRead = true
      for (client, figures) in before {
        contents.saved[client, default: UsageFigures()] += figures
      }
    }
  }
}

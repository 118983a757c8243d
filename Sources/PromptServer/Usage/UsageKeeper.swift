import Dispatch
import PromptCore
import SQLiteStore
import Synchronization

/// Counts what calls cost and what the cache saves, and writes it down: calls five seconds after the
/// first that is not written, savings whenever they are looked at, and all at the end. What the disk
/// does not take is kept and tried again.
final class UsageKeeper: Sendable {
  private struct Contents {
    var ledger = UsageLedger()
    var savings = SavingsLedger()
    var isScheduled = false
    var isClosed = false
    /// The last write failed.
    var isFailing = false
  }

  private let store: SQLiteUsageStore
  private let contents = Mutex(Contents())
  private let clients: ClientRegistry
  private let writer = DispatchQueue(label: "promptd.usage.writer")
  /// Told, on a thread that may block, of each change: why it cannot be written, or nil once it can.
  private let changed: @Sendable (String?) -> Void

  /// How long what was counted waits for more.
  private static let gathering = DispatchTimeInterval.seconds(5)

  init(
    _ store: SQLiteUsageStore, clients: ClientRegistry,
    changed: @escaping @Sendable (String?) -> Void
  ) {
    self.store = store
    self.clients = clients
    self.changed = changed
  }

  /// Takes in what was saved before this start. Returns at once: the more days there were, the longer
  /// it takes, and no start waits for it.
  func readSavings() {
    writer.async { [self] in
      let before = savedBefore()
      contents.withLock { $0.savings.begin(after: before) }
    }
  }

  private func savedBefore() -> [String: Savings] {
    do throws(StoreFault) {
      let rows = try store.saved()
      return Dictionary(rows.map { ($0.client, Savings($0)) }) { $0 + $1 }
    } catch {
      note(error.description)
      return [:]
    }
  }

  /// What each client has saved in all, by name.
  var saved: [String: Savings] {
    let since = saved(by: clients.all)
    return contents.withLock { $0.savings.all(since: since) }
  }

  private func saved(by records: [ClientRecord]) -> [String: Savings] {
    Dictionary(records.map { ($0.name, $0.figures.savings) }) { first, _ in first }
      .filter { $0.value.answers > 0 }
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
        note(error.description)
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

  /// Looks at what was saved, which is counted by the records of hits, and writes what there is, on
  /// the writer's own thread.
  func writeSoon() {
    writer.async { [self] in
      if !contents.withLock({ $0.isClosed }) { write() }
    }
  }

  /// Writes what there is. Blocks on the disk.
  func flush() { writer.sync { write() } }

  /// Writes what there is, and nothing after that. Blocks on the disk.
  func close() {
    writer.sync {
      write()
      contents.withLock { $0.isClosed = true }
    }
  }

  private func write() {
    let since = saved(by: clients.all)
    let day = SystemClock.day(at: SystemClock.now.wall).name
    let (ledger, savings) = contents.withLock { contents in
      contents.isScheduled = false
      for (client, all) in since { contents.savings.note(client, all, on: day) }
      return (contents.ledger.take(), contents.savings.take())
    }
    guard !ledger.rows.isEmpty || !savings.isEmpty else { return }
    do throws(StoreFault) {
      try store.add(ledger.rows.map(UsageRow.init), savings: savings.map(SavingRow.init))
      note(nil)
    } catch {
      let mustSchedule = contents.withLock { contents in
        contents.ledger.putBack(ledger)
        contents.savings.putBack(savings)
        defer { contents.isScheduled = true }
        return !contents.isScheduled
      }
      if mustSchedule { writer.asyncAfter(deadline: .now() + Self.gathering) { [self] in write() } }
      note(error.description)
    }
  }

  private func note(_ fault: String?) {
    let isNews = contents.withLock { contents in
      defer { contents.isFailing = fault != nil }
      return contents.isFailing != (fault != nil)
    }
    if isNews { changed(fault) }
  }
}

extension Savings {
  /// What a row says.
  fileprivate init(_ row: SavingRow) {
    self.init()
    answers = row.answers
    tokensIn = row.tokensIn
    tokensOut = row.tokensOut
    milliseconds = row.milliseconds
    cost = row.cost
  }
}

extension SavingRow {
  /// A row of the ledger.
  fileprivate init(_ key: SavingsLedger.Key, _ savings: Savings) {
    self.init(
      day: key.day, client: key.client, answers: savings.answers, tokensIn: savings.tokensIn,
      tokensOut: savings.tokensOut, milliseconds: savings.milliseconds, cost: savings.cost)
  }
}

extension UsageRow {
  /// A row of the ledger.
  fileprivate init(_ key: UsageLedger.Key, _ figures: UsageLedger.Figures) {
    self.init(
      day: key.day, client: key.client, model: key.model, upstream: key.upstream,
      label: key.label, calls: figures.calls, errors: figures.errors, tokensIn: figures.tokensIn,
      tokensOut: figures.tokensOut, cost: figures.cost)
  }
}

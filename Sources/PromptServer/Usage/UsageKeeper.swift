import Dispatch
import PromptCore
import SQLiteStore
import Synchronization

/// Counts what calls cost and writes it down: five seconds after the first that is not written,
/// and at the end. What the disk does not take is kept and tried again.
final class UsageKeeper: Sendable {
  private struct Contents {
    var ledger = UsageLedger()
    var isScheduled = false
    /// The last write failed.
    var isFailing = false
  }

  private let store: SQLiteUsageStore
  private let contents = Mutex(Contents())
  private let writer = DispatchQueue(label: "promptd.usage.writer")
  /// Told, on a thread that may block, of each change: why it cannot be written, or nil once it can.
  private let changed: @Sendable (String?) -> Void

  /// How long what was counted waits for more.
  private static let gathering = DispatchTimeInterval.seconds(5)

  init(_ store: SQLiteUsageStore, changed: @escaping @Sendable (String?) -> Void) {
    self.store = store
    self.changed = changed
  }

  /// What each client has spent on a day, by name; nothing where the file cannot be read. Blocks
  /// on the disk.
  func spent(on day: Day) -> [String: Spending] {
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

  /// Counts a call that is over.
  func note(_ record: CallRecord) {
    let isFirst = contents.withLock { contents in
      contents.ledger.note(record)
      defer { contents.isScheduled = true }
      return !contents.isScheduled
    }
    if isFirst { writer.asyncAfter(deadline: .now() + Self.gathering) { [self] in write() } }
  }

  /// Writes what there is. Blocks on the disk.
  func flush() { writer.sync { write() } }

  /// Writes what there is and closes the file. Blocks on the disk.
  func close() {
    writer.sync {
      write()
      store.close()
    }
  }

  private func write() {
    let ledger = contents.withLock { contents in
      contents.isScheduled = false
      return contents.ledger.take()
    }
    guard !ledger.rows.isEmpty else { return }
    do throws(StoreFault) {
      try store.add(ledger.rows.map(UsageRow.init))
      note(nil)
    } catch {
      let mustSchedule = contents.withLock { contents in
        contents.ledger.putBack(ledger)
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

extension UsageRow {
  /// A row of the ledger.
  fileprivate init(_ key: UsageLedger.Key, _ figures: UsageLedger.Figures) {
    self.init(
      day: key.day, client: key.client, model: key.model, upstream: key.upstream,
      label: key.label, calls: figures.calls, errors: figures.errors, tokensIn: figures.tokensIn,
      tokensOut: figures.tokensOut, cost: figures.cost)
  }
}

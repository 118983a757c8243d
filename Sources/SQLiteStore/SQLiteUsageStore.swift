package import PromptProtocol
import SQLite

/// The usage ledger in the state file. Everything here blocks on the disk.
package final class SQLiteUsageStore: Sendable {
  /// What one client spent.
  package struct Spent: Equatable, Sendable {
    package var client: String
    /// In and out.
    package var tokens: Int
    package var cost: Double
  }

  /// No sum of a day is more; a damaged file may say anything, and sums must not overflow.
  static let most = 1 << 48

  let database: StateDatabase

  /// The ledger in this file.
  package init(_ database: StateDatabase) { self.database = database }

  /// What each client spent on a day.
  package func spent(on day: String) throws(StoreFault) -> [Spent] {
    try database.perform { db in
      try db.all(UsageSQL.spent, [day]) { row throws(SQLiteError) in
        Spent(
          client: try row.text(0) ?? "", tokens: Self.count(row, 1), cost: Self.cost(row, 2))
      }
    }
  }

  /// Adds to what is there: all rows, or none.
  package func add(_ rows: [UsageKey: UsageFigures]) throws(StoreFault) {
    try database.perform { db in
      try db.transaction {
        for (key, figures) in rows {
          try db.run(
            UsageSQL.add,
            [
              key.day, key.client, key.model, key.upstream, key.label, figures.calls,
              figures.errors, figures.tokensIn, figures.tokensOut, figures.cost, figures.hits,
              figures.joined, figures.saved.tokensIn, figures.saved.tokensOut,
              figures.saved.milliseconds, figures.saved.cost,
            ])
        }
      }
    }
  }
}

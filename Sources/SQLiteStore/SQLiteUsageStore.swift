import GRDB

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
  static let most = 1 << 56

  let database: StateDatabase

  /// The ledger in this file.
  package init(_ database: StateDatabase) { self.database = database }

  /// What each client spent on a day.
  package func spent(on day: String) throws(StoreFault) -> [Spent] {
    try database.perform { db in
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
    try database.perform { db in try Row.fetchAll(db, sql: UsageSQL.saved).map(Self.saved) }
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
    try database.perform { db in
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
}

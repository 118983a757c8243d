import GRDB
package import PromptProtocol

extension SQLiteUsageStore {
  /// Usage summed up as asked.
  package func sums(_ query: UsageQuery) throws(StoreFault) -> [UsageQuery.Sum] {
    try database.perform { db in
      let count = query.dimensions.count
      let rows = try Row.fetchAll(db, sql: query.sql, arguments: [query.since, query.client])
      return rows.map { row in
        UsageQuery.Sum(
          values: (0..<count).map { String.fromDatabaseValue(row[$0]) ?? "" },
          figures: Self.figures(row, after: count))
      }
    }
  }

  /// What each client used and saved, on all days together.
  package func saved() throws(StoreFault) -> [String: UsageFigures] {
    try database.perform { db in
      // A damaged file may hold one name twice.
      try Row.fetchAll(db, sql: UsageSQL.byClient).reduce(into: [:]) { saved, row in
        let client = String.fromDatabaseValue(row[0]) ?? ""
        saved[client, default: UsageFigures()] += Self.figures(row, after: 1)
      }
    }
  }

  /// The columns of `UsageSQL.figures`, behind so many others.
  private static func figures(_ row: Row, after skipped: Int) -> UsageFigures {
    var figures = UsageFigures()
    figures.calls = count(row[skipped])
    figures.errors = count(row[skipped + 1])
    figures.tokensIn = count(row[skipped + 2])
    figures.tokensOut = count(row[skipped + 3])
    figures.cost = cost(row[skipped + 4])
    figures.hits = count(row[skipped + 5])
    figures.joined = count(row[skipped + 6])
    figures.saved.tokensIn = count(row[skipped + 7])
    figures.saved.tokensOut = count(row[skipped + 8])
    figures.saved.milliseconds = count(row[skipped + 9])
    figures.saved.cost = cost(row[skipped + 10])
    return figures
  }

  /// GRDB's own conversions trap when a damaged file holds another type, so none is used.
  static func count(_ value: DatabaseValue) -> Int {
    min(max(0, Int.fromDatabaseValue(value) ?? 0), most)
  }

  static func cost(_ value: DatabaseValue) -> Double {
    let cost = Double.fromDatabaseValue(value) ?? 0
    return cost.isFinite ? cost : 0
  }
}

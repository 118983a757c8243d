package import PromptProtocol
import SQLite

extension SQLiteUsageStore {
  /// Usage summed up as asked.
  package func sums(_ query: UsageQuery) throws(StoreFault) -> [UsageQuery.Sum] {
    try database.perform { db in
      let count = query.dimensions.count
      return try db.all(query.sql, [query.since, query.client]) { row throws(SQLiteError) in
        var values: [String] = []
        for column in 0..<count { values.append(try row.text(column) ?? "") }
        return UsageQuery.Sum(values: values, figures: Self.figures(row, after: count))
      }
    }
  }

  /// What each client used and saved, on all days together.
  package func saved() throws(StoreFault) -> [String: UsageFigures] {
    try database.perform { db in
      var saved: [String: UsageFigures] = [:]
      try db.each(UsageSQL.byClient) { row throws(SQLiteError) in
        // A damaged file may hold one name twice.
        saved[try row.text(0) ?? "", default: UsageFigures()] += Self.figures(row, after: 1)
        return true
      }
      return saved
    }
  }

  /// The columns of `UsageSQL.figures`, behind so many others.
  private static func figures(_ row: borrowing Row, after skipped: Int) -> UsageFigures {
    var figures = UsageFigures()
    figures.calls = count(row, skipped)
    figures.errors = count(row, skipped + 1)
    figures.tokensIn = count(row, skipped + 2)
    figures.tokensOut = count(row, skipped + 3)
    figures.cost = cost(row, skipped + 4)
    figures.hits = count(row, skipped + 5)
    figures.joined = count(row, skipped + 6)
    figures.saved.tokensIn = count(row, skipped + 7)
    figures.saved.tokensOut = count(row, skipped + 8)
    figures.saved.milliseconds = count(row, skipped + 9)
    figures.saved.cost = cost(row, skipped + 10)
    return figures
  }

  static func count(_ row: borrowing Row, _ column: Int) -> Int {
    min(max(0, Int(row.integer(column) ?? 0)), most)
  }

  static func cost(_ row: borrowing Row, _ column: Int) -> Double {
    let cost = row.real(column) ?? 0
    return cost.isFinite ? cost : 0
  }
}

import GRDB

extension SQLiteUsageStore {
  /// Usage summed up as asked.
  package func sums(_ query: UsageQuery) throws(StoreFault) -> [UsageQuery.Sum] {
    try database.perform { db in
      let arguments: StatementArguments = [query.since, query.client]
      var sums = try Row.fetchAll(
        db,
        sql: query.sql(
          "usage", sums: "sum(calls), sum(errors), sum(tokens_in), sum(tokens_out), sum(cost)"),
        arguments: arguments
      ).map { row in Self.sum(row, query.dimensions.count) }
      guard query.countsSavings else { return sums }
      let saved = try Row.fetchAll(
        db,
        sql: query.sql(
          "saving",
          sums: "sum(answers), sum(tokens_in), sum(tokens_out), sum(milliseconds), sum(cost)"),
        arguments: arguments)
      for row in saved { Self.add(row, to: &sums, query.dimensions.count) }
      return sums.sorted { $0.values.lexicographicallyPrecedes($1.values) }
    }
  }

  private static func sum(_ row: Row, _ count: Int) -> UsageQuery.Sum {
    var sum = UsageQuery.Sum(values: values(row, count))
    sum.calls = self.count(row[count])
    sum.errors = self.count(row[count + 1])
    sum.tokensIn = self.count(row[count + 2])
    sum.tokensOut = self.count(row[count + 3])
    sum.cost = cost(row[count + 4])
    return sum
  }

  private static func add(_ row: Row, to sums: inout [UsageQuery.Sum], _ count: Int) {
    let values = values(row, count)
    let saved = SavingRow(
      day: "", client: "", answers: self.count(row[count]), tokensIn: self.count(row[count + 1]),
      tokensOut: self.count(row[count + 2]), milliseconds: self.count(row[count + 3]),
      cost: cost(row[count + 4]))
    guard saved.answers > 0 else { return }
    if let place = sums.firstIndex(where: { $0.values == values }) {
      sums[place].saved = saved
    } else {
      var sum = UsageQuery.Sum(values: values)
      sum.saved = saved
      sums.append(sum)
    }
  }

  private static func values(_ row: Row, _ count: Int) -> [String] {
    (0..<count).map { String.fromDatabaseValue(row[$0]) ?? "" }
  }

  /// GRDB's own conversions trap when a damaged file holds another type, so none is used.
  private static func count(_ value: DatabaseValue) -> Int {
    min(max(0, Int.fromDatabaseValue(value) ?? 0), most)
  }

  private static func cost(_ value: DatabaseValue) -> Double {
    let cost = Double.fromDatabaseValue(value) ?? 0
    return cost.isFinite ? cost : 0
  }
}

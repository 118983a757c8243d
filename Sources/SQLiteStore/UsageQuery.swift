package import PromptProtocol

/// Which usage is asked for, and by what it is summed up.
package struct UsageQuery: Equatable, Sendable {
  /// In the order in which rows are told apart.
  package var dimensions: [UsageDimension]
  /// The first day that counts, as `2026-11-25`; all of them without.
  package var since: String?
  /// One client's alone.
  package var client: String?

  package init(dimensions: [UsageDimension], since: String? = nil, client: String? = nil) {
    self.dimensions = dimensions
    self.since = since
    self.client = client
  }

  /// One sum.
  package struct Sum: Equatable, Sendable {
    /// In the order of the query's dimensions.
    package var values: [String]
    package var figures = UsageFigures()
  }

  /// Names of columns come from an enumeration, so none is anybody's text.
  var sql: String {
    let columns = dimensions.map(\.rawValue)
    var sql = "SELECT \((columns + [UsageSQL.sums]).joined(separator: ", ")) FROM usage"
    sql += " WHERE (?1 IS NULL OR day >= ?1) AND (?2 IS NULL OR client = ?2)"
    if !columns.isEmpty {
      let list = columns.joined(separator: ", ")
      sql += " GROUP BY \(list) ORDER BY \(list)"
    }
    return sql
  }
}

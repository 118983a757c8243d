/// What calls have cost that is not written down yet.
package struct UsageLedger: Sendable {
  /// What is counted together.
  package struct Key: Hashable, Sendable {
    /// As `Day.name`.
    package var day: String
    package var client: String
    package var model: String
    package var upstream: String
    /// Empty where a request had none.
    package var label: String
  }

  /// What is counted.
  package struct Figures: Equatable, Sendable {
    package var calls = 0
    package var errors = 0
    package var tokensIn = 0
    package var tokensOut = 0
    /// In the currency of the prices.
    package var cost = 0.0

    package init() {}

    static func + (left: Self, right: Self) -> Self {
      var sum = left
      sum.calls += right.calls
      sum.errors += right.errors
      sum.tokensIn += right.tokensIn
      sum.tokensOut += right.tokensOut
      sum.cost += right.cost
      return sum
    }
  }

  package private(set) var rows: [Key: Figures] = [:]

  package init() {}

  /// Counts a call that is over.
  package mutating func note(_ record: CallRecord) {
    let key = Key(
      day: record.day, client: record.client, model: record.model, upstream: record.upstream,
      label: record.label ?? "")
    var figures = Figures()
    figures.calls = 1
    figures.errors = record.error == nil ? 0 : 1
    figures.tokensIn = record.tokens.prompt
    figures.tokensOut = record.tokens.completion
    figures.cost = record.cost
    rows[key] = rows[key].map { $0 + figures } ?? figures
  }

  /// Takes everything out, to be written.
  package mutating func take() -> Self {
    defer { rows = [:] }
    return self
  }

  /// Puts back what could not be written.
  package mutating func putBack(_ other: Self) { rows.merge(other.rows) { $0 + $1 } }
}

/// What each client has saved: all of it, and what is not written down yet.
package struct SavingsLedger: Sendable {
  /// What is counted together.
  package struct Key: Hashable, Sendable {
    /// As `Day.name`.
    package var day: String
    package var client: String
  }

  /// By client, what was saved before this start.
  private var before: [String: Savings] = [:]
  /// By client, what has been counted since.
  private var counted: [String: Savings] = [:]
  /// What is not written down yet.
  package private(set) var rows: [Key: Savings] = [:]

  package init() {}

  /// Takes in what was saved before this start.
  package mutating func begin(after before: [String: Savings]) { self.before = before }

  /// Takes in what a client has saved since this start; what is new counts on `day`.
  package mutating func note(_ client: String, _ all: Savings, on day: String) {
    let new = all - counted[client, default: Savings()]
    guard new.answers != 0 else { return }
    counted[client] = all
    rows[Key(day: day, client: client), default: Savings()] =
      rows[Key(day: day, client: client), default: Savings()] + new
  }

  /// Everything that each client has saved, where it has saved `since` since this start.
  package func all(since: [String: Savings]) -> [String: Savings] {
    before.merging(since) { $0 + $1 }
  }

  /// Takes out what is to be written.
  package mutating func take() -> [Key: Savings] {
    defer { rows = [:] }
    return rows
  }

  /// Puts back what could not be written.
  package mutating func putBack(_ other: [Key: Savings]) { rows.merge(other) { $0 + $1 } }
}

/// A TOML value as plain Swift, free of the parser's memory.
indirect enum TOMLNode: Hashable, Sendable {
  case string(String)
  case integer(Int)
  case double(Double)
  case boolean(Bool)
  /// A date, a time or both, which no key takes.
  case moment
  case array([TOMLEntry])
  case table([String: TOMLEntry])

  /// The kind in an administrator's words.
  var kind: String {
    switch self {
    case .string: "text"
    case .integer: "a whole number"
    case .double(let number): number.isFinite ? "a number with a point" : "\(number)"
    case .boolean: "true or false"
    case .moment: "a date or time"
    case .array(let entries): entries.isEmpty ? "an empty list" : "a list"
    case .table: "a table"
    }
  }

  /// The tables of a list that holds nothing else and at least one; else nil.
  var tables: [TOMLEntry]? {
    guard case .array(let entries) = self, !entries.isEmpty else { return nil }
    let areTables = entries.allSatisfy { if case .table = $0.node { true } else { false } }
    return areTables ? entries : nil
  }

  /// This with what a later file says: tables merge key by key, lists of tables append, and
  /// anything else is replaced.
  func merged(with later: TOMLNode) -> TOMLNode {
    if case .table(let mine) = self, case .table(let theirs) = later {
      return .table(
        mine.merging(theirs) { mine, theirs in
          var entry = theirs
          entry.node = mine.node.merged(with: theirs.node)
          return entry
        })
    }
    if let mine = tables, let theirs = later.tables { return .array(mine + theirs) }
    return later
  }
}

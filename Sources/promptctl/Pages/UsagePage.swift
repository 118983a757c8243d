import JSON

/// Usage for people and for spreadsheets.
struct UsagePage {
  private let rows: [JSONTree]
  private let dimensions: [String]

  /// `dimensions` are the names of what the rows are told apart by.
  init(_ result: JSONTree, _ dimensions: [String]) {
    rows = result["rows"]?.array ?? []
    self.dimensions = dimensions
  }

  /// The longest bar.
  private static let longest = 20

  /// A table with a row for each sum, and one of them all; `hasBars` draws the tokens, as far as there
  /// is room.
  func text(_ style: TextStyle, hasBars: Bool) -> String {
    let columns =
      dimensions.map(Self.column) + [
        .right("CALLS"), .right("ERRORS"), .right("IN"), .right("OUT"), .right("COST"),
        .right("HITS"), .right("SAVED"), .right("WORTH"),
      ]
    var table = Table(columns)
    for row in rows {
      table.add(
        dimensions.map { row[$0]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? "-" } + figures(row))
    }
    if rows.count > 1, !dimensions.isEmpty {
      table.add(["all"] + dimensions.dropFirst().map { _ in "" } + figures(total))
    }
    if hasBars { addBars(to: &table, style.width ?? .max) }
    return table.text(style)
  }

  private static func column(_ dimension: String) -> Table.Column {
    ["model", "label"].contains(dimension)
      ? .long(dimension.uppercased()) : .whole(dimension.uppercased())
  }

  private func addBars(to table: inout Table, _ width: Int) {
    let bar = min(Self.longest, width - table.width - 2)
    guard bar >= 5 else { return }
    let most = rows.map { tokens($0) }.max() ?? 0
    table.addColumn(.left(""), rows.map { Self.bar(tokens($0), of: most, bar) })
  }

  /// Comma-separated values with a line of names (RFC 4180).
  var csv: String {
    let names =
      dimensions + [
        "calls", "errors", "tokens_in", "tokens_out", "cost", "hits", "joined", "saved_answers",
        "saved_tokens_in", "saved_tokens_out", "saved_cost",
      ]
    let lines = rows.map { row in
      dimensions.map { Self.quoted(row[$0]?.string ?? "") }
        + ["calls", "errors", "tokens_in", "tokens_out", "cost", "hits", "joined"].map {
          row[$0]?.text ?? "0"
        }
        + ["answers", "tokens_in", "tokens_out", "cost"].map { row["saved"]?[$0]?.text ?? "0" }
    }
    return ([names] + lines).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  private func figures(_ row: JSONTree) -> [String] {
    let saved = row["saved"]
    return ["calls", "errors", "tokens_in", "tokens_out"].map { String(row[$0]?.int ?? 0) }
      + [
        Quantities.money(row["cost"]?.double ?? 0), String(row["hits"]?.int ?? 0),
        String(saved.map(tokens) ?? 0), Quantities.money(saved?["cost"]?.double ?? 0),
      ]
  }

  private func tokens(_ row: JSONTree) -> Int {
    (row["tokens_in"]?.int ?? 0) + (row["tokens_out"]?.int ?? 0)
  }

  /// The sums of all rows.
  private var total: JSONTree {
    func sum(_ names: [String], _ part: (JSONTree) -> JSONTree?) -> [JSONTree.Member] {
      names.map { name in
        let whole = rows.reduce(0) { $0 + (part($1)?[name]?.int ?? 0) }
        return .init(name, .number(String(whole)))
      }
    }
    func cost(_ part: (JSONTree) -> JSONTree?) -> JSONTree.Member {
      .init("cost", .number(String(rows.reduce(0.0) { $0 + (part($1)?["cost"]?.double ?? 0) })))
    }
    let saved = sum(["tokens_in", "tokens_out"]) { $0["saved"] } + [cost { $0["saved"] }]
    return .object(
      sum(["calls", "errors", "tokens_in", "tokens_out", "hits"]) { $0 }
        + [cost { $0 }, .init("saved", .object(saved))])
  }

  private static func bar(_ value: Int, of most: Int, _ width: Int) -> String {
    guard most > 0, value > 0 else { return "" }
    let share = Double(value) / Double(most)
    return String(repeating: "#", count: max(1, Int(share * Double(width))))
  }

  private static func quoted(_ text: String) -> String {
    // By bytes: CR LF is one Character, and so is a quote with an accent behind it.
    let bytes = text.utf8
    let quote = UInt8(ascii: "\"")
    guard bytes.contains(where: { [quote, 0x2C, 0x0D, 0x0A].contains($0) }) else { return text }
    let doubled = bytes.flatMap { $0 == quote ? [quote, quote] : [$0] }
    return "\"\(String(decoding: doubled, as: UTF8.self))\""
  }
}

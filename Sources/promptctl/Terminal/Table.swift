/// Rows under headings, in columns as wide as they need to be.
struct Table: Equatable {
  /// A heading and the side on which its cells stand.
  struct Column: Equatable {
    var title: String
    var alignsRight = false

    static func left(_ title: String) -> Column { Column(title: title) }
    static func right(_ title: String) -> Column { Column(title: title, alignsRight: true) }
  }

  var columns: [Column]
  private(set) var rows: [[String]] = []

  init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row, a cell for each column.
  mutating func add(_ cells: [String]) { rows.append(cells.map(PlainText.cell)) }

  /// The headings and the rows, a line each; an empty table is its headings.
  func text(_ style: TextStyle) -> String {
    let titles = columns.map(\.title)
    let widths = columns.indices.map { column in
      ([titles] + rows).map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    let heading = style.heading(line(titles, widths))
    return ([heading] + rows.map { line($0, widths) }).map { $0 + "\n" }.joined()
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    let padded = zip(cells, zip(columns, widths)).map { cell, place in
      let space = String(repeating: " ", count: max(0, place.1 - cell.count))
      return place.0.alignsRight ? space + cell : cell + space
    }
    let line = padded.joined(separator: "  ")
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}

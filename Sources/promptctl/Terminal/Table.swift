/// Rows under headings, in columns as wide as they need to be, or as there is room for.
struct Table: Equatable {
  /// A heading, and how its cells are shown.
  struct Column: Equatable {
    var title: String
    var alignsRight = false
    /// Its cells are states.
    var isState = false
    /// Its cells are of use in full alone, as names are that are typed again.
    var isWhole = false
    /// Columns that it keeps, however little room there is.
    var least = 8

    fileprivate var mayBeShortened: Bool { !alignsRight && !isState && !isWhole }

    static func left(_ title: String) -> Column { Column(title: title) }
    static func right(_ title: String) -> Column { Column(title: title, alignsRight: true) }
    static func state(_ title: String) -> Column { Column(title: title, isState: true) }
    static func whole(_ title: String) -> Column { Column(title: title, isWhole: true) }
    /// Names that anybody may have made long.
    static func long(_ title: String) -> Column { Column(title: title, least: 24) }
  }

  private static let gap = "  "

  var columns: [Column]
  private(set) var rows: [[String]] = []

  init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row, a cell for each column.
  mutating func add(_ cells: [String]) { rows.append(cells.map(PlainText.cell)) }

  /// Adds a column behind the others, with a cell for each of the first rows.
  mutating func addColumn(_ column: Column, _ cells: [String]) {
    columns.append(column)
    for index in rows.indices {
      rows[index].append(index < cells.count ? PlainText.cell(cells[index]) : "")
    }
  }

  /// Columns of a terminal that it takes to show everything.
  var width: Int { widths.reduce(0, +) + Self.gap.count * max(0, columns.count - 1) }

  private var widths: [Int] {
    columns.indices.map { column in
      ([columns.map(\.title)] + rows).map { column < $0.count ? TextWidth.of($0[column]) : 0 }.max()
        ?? 0
    }
  }

  /// The headings and the rows, a line each; an empty table is its headings. Where the style has a
  /// width, long words are shortened to fit it, as far as that goes.
  func text(_ style: TextStyle) -> String {
    let widths = fitted(to: style.width)
    let heading = style.heading(line(columns.map(\.title), widths, .plain))
    return ([heading] + rows.map { line($0, widths, style) }).map { $0 + "\n" }.joined()
  }

  /// The widths, with something taken from the widest of those that may be shortened until all fit.
  private func fitted(to width: Int?) -> [Int] {
    var widths = widths
    var excess = width.map { self.width - $0 } ?? 0
    while excess > 0 {
      let yielding = columns.indices.filter {
        columns[$0].mayBeShortened && widths[$0] > columns[$0].least
      }
      guard let widest = yielding.max(by: { widths[$0] < widths[$1] }) else { return widths }
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }

  private func line(_ cells: [String], _ widths: [Int], _ style: TextStyle) -> String {
    let padded = zip(cells, zip(columns, widths)).map { cell, place in
      let (column, width) = place
      let cell = TextWidth.of(cell) > width ? TextWidth.prefix(cell, width - 1) + "…" : cell
      let space = String(repeating: " ", count: max(0, width - TextWidth.of(cell)))
      let shown = column.isState ? style.state(cell) : cell
      return column.alignsRight ? space + shown : shown + space
    }
    let line = padded.joined(separator: Self.gap)
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}

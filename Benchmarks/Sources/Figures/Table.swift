/// Rows for people: aligned columns of fixed width, so that each row can be shown once it is
/// measured.
package struct Table {
  private static let nameWidth = 58
  private static let columnWidth = 12

  /// The line above the rows.
  package static let heading = line(
    mark: "", "what", ["promptd", "yardstick", "figure", "lowest", "highest"], " target")

  /// One row in a line.
  package static func line(_ row: Row) -> String {
    let mark = row.ok.map { $0 ? "ok" : "LOW" } ?? ""
    let isRatio = row.measure == .ratio
    let figures = [row.figure, row.lowest, row.highest].map { isRatio ? ratio($0) : number($0) }
    let sides = [number(row.ours), row.yardstick.map(number) ?? "-"]
    return line(mark: mark, row.name, sides + figures, target(row))
  }

  private static func line(
    mark: String, _ name: String, _ cells: [String], _ end: String
  ) -> String {
    let cells = cells.map { padded($0, columnWidth, onLeft: true) }.joined()
    return padded(mark, 4) + padded(name, nameWidth) + cells + " " + end
  }

  private static func target(_ row: Row) -> String {
    let unit = row.measure == .ratio ? "  (\(row.unit))" : "  \(row.unit)"
    guard let target = row.target else { return unit }
    let bound = row.higherIsBetter == true ? "≥" : "≤"
    return " \(bound) \(row.measure == .ratio ? ratio(target) : number(target))\(unit)"
  }

  /// Three digits behind the point, or none where there are three before it.
  package static func ratio(_ value: Double) -> String {
    value.magnitude >= 100 ? fixed(value, 0) : fixed(value, 3)
  }

  /// As many digits behind the point as say something.
  package static func number(_ value: Double) -> String {
    value.magnitude >= 1000 ? fixed(value, 0) : fixed(value, value.magnitude >= 100 ? 1 : 2)
  }

  /// A number as it would be said: without digits that are 0.
  package static func short(_ value: Double) -> String {
    value == value.rounded() ? fixed(value, 0) : fixed(value, 1)
  }

  private static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "-" }
    let scale = [1.0, 10, 100, 1000][digits]
    let scaled = Int64((value.magnitude * scale).rounded())
    let whole = grouped(scaled / Int64(scale))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return sign + whole }
    let rest = String(scaled % Int64(scale))
    return "\(sign)\(whole).\(String(repeating: "0", count: digits - rest.count))\(rest)"
  }

  /// Thousands apart.
  private static func grouped(_ value: Int64) -> String {
    value < 1000
      ? "\(value)" : "\(grouped(value / 1000)),\(String(1000 + value % 1000).dropFirst())"
  }

  private static func padded(_ text: String, _ width: Int, onLeft: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return onLeft ? space + text : text + space
  }
}

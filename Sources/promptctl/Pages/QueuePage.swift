import JSON

/// `queue.list` for people.
enum QueuePage {
  /// A table with a row for each request.
  static func text(_ result: JSONTree, _ style: TextStyle) -> String {
    var table = Table([
      .whole("REQUEST"), .whole("CLIENT"), .left("MODEL"), .left("CLASS"), .state("STATE"),
      .right("WAITED"), .right("POSITION"), .right("STARTS IN"), .right("TOKENS"),
    ])
    for row in result["rows"]?.array ?? [] {
      let words = ["request", "client", "model", "class", "state"].map { row[$0]?.string ?? "-" }
      table.add(
        words + [
          row["waited_ms"]?.int.map(Quantities.milliseconds) ?? "-",
          row["position"]?.int.map(String.init) ?? "-",
          row["eta_ms"]?.int.map(Quantities.milliseconds) ?? "-",
          row["tokens"]?.int.map(String.init) ?? "-",
        ])
    }
    return table.text(style)
  }

  /// What `queue.move` did.
  static func moved(_ result: JSONTree, _ style: TextStyle) -> String {
    let request = PlainText.cell(result["request"]?.string ?? "-")
    let priority = PlainText.cell(result["priority"]?.string ?? "-")
    let asked = result["priority_asked"]?.string.map {
      ", which is as far as you may (not \(PlainText.cell($0)))"
    }
    return "\(request) waits as \(priority) now\(asked ?? "")\n"
  }

  /// What `queue.pause` and `queue.resume` left paused.
  static func paused(_ result: JSONTree, _ style: TextStyle) -> String {
    let names = result["paused"]?.array?.compactMap(\.string).map(PlainText.cell) ?? []
    return names.isEmpty
      ? "no upstream is paused\n" : "paused: \(names.joined(separator: ", "))\n"
  }
}

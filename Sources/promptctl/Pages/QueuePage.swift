import JSON

/// `queue.list` for people.
enum QueuePage {
  /// A table with a row for each request.
  static func text(_ result: JSONTree, _ style: TextStyle) -> String {
    var table = Table([
      .left("REQUEST"), .left("CLIENT"), .left("MODEL"), .left("CLASS"), .left("STATE"),
      .right("WAITED"), .right("POSITION"),
    ])
    for row in result["rows"]?.array ?? [] {
      let words = ["request", "client", "model", "class", "state"].map { row[$0]?.string ?? "-" }
      table.add(
        words + [
          row["waited_ms"]?.int.map(Quantities.milliseconds) ?? "-",
          row["position"]?.int.map(String.init) ?? "-",
        ])
    }
    return table.text(style)
  }
}

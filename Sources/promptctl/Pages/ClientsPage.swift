import JSON

/// The clients of `status` for people.
enum ClientsPage {
  /// A table with a row for each client; nothing where the daemon did not say.
  static func text(_ status: JSONTree, _ style: TextStyle) -> String {
    guard let clients = status["clients"]?.array else { return "" }
    let figures = ["connections", "running", "queued", "requests", "hits", "errors"]
    var table = Table(
      [.whole("CLIENT")] + figures.map { .right($0.uppercased()) }
        + [.right("TOKENS"), .right("COST")])
    for client in clients {
      table.add(
        [client["name"]?.string ?? "-"]
          + figures.map { client[$0]?.int.map(String.init) ?? "-" } + [
            tokens(client), cost(client),
          ])
    }
    return table.text(style)
  }

  private static func tokens(_ client: JSONTree) -> String {
    guard let spent = client["tokens_today"]?.int else { return "-" }
    return "\(spent)" + (client["tokens_per_day"]?.int.map { " of \($0)" } ?? "")
  }

  private static func cost(_ client: JSONTree) -> String {
    guard let spent = client["cost_today"]?.double else { return "-" }
    let most = client["cost_per_day"]?.double
    return Quantities.money(spent) + (most.map { " of \(Quantities.money($0))" } ?? "")
  }
}

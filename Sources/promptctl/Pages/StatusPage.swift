import JSON

/// `status` for people.
enum StatusPage {
  /// A page; what the daemon did not say is left out.
  static func text(_ status: JSONTree, _ style: TextStyle) -> String {
    let parts = [
      head(status, style), upstreams(status, style), queue(status, style),
      status["cache"].map { CachePage.text($0, style) } ?? "", ClientsPage.text(status, style),
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private static func head(_ status: JSONTree, _ style: TextStyle) -> String {
    var facts = FactList("promptd \(PlainText.cell(status["version"]?.string ?? ""))")
    facts.add("state", status["state"]?.string)
    facts.add("pid", status["pid"]?.int.map(String.init))
    facts.add("up", status["uptime_s"]?.int.map(Quantities.seconds))
    facts.add("socket", status["socket"]?.string)
    facts.add("connections", status["connections"]?.int.map(String.init))
    facts.add("requests", requests(status["requests"]))
    facts.add("store", status["store"]?["state"]?.string)
    // What is well is nothing to say.
    for name in ["usage", "jobs"] {
      if let state = status["store"]?[name]?.string, state != "serving" { facts.add(name, state) }
    }
    // Nothing lost is nothing to say.
    if let dropped = status["log"]?["dropped"]?.int, dropped > 0 {
      facts.add("log", "\(dropped) entries dropped")
    }
    return facts.text(style)
  }

  private static func requests(_ requests: JSONTree?) -> String? {
    guard let requests, let total = requests["total"]?.int else { return nil }
    let parts = ["hits", "joined", "misses", "errors"].compactMap { name in
      requests[name]?.int.map { "\($0) \(name)" }
    }
    return parts.isEmpty ? "\(total)" : "\(total): \(parts.joined(separator: ", "))"
  }

  private static func upstreams(_ status: JSONTree, _ style: TextStyle) -> String {
    var table = Table([
      .whole("UPSTREAM"), .left("ADDRESS"), .left("MODELS"), .state("STATE"), .right("RUNNING"),
      .right("QUEUED"),
    ])
    guard let upstreams = status["upstreams"]?.array else { return "" }
    for upstream in upstreams {
      let models = upstream["models"]?.array?.compactMap(\.string).joined(separator: " ") ?? "-"
      let running = upstream["running"]?.int.map(String.init) ?? "-"
      let limit = upstream["max_concurrent"]?.int.map { "/\($0)" } ?? ""
      table.add([
        upstream["name"]?.string ?? "-", upstream["base_url"]?.string ?? "-", models,
        state(of: upstream), running + limit, upstream["queued"]?.int.map(String.init) ?? "-",
      ])
    }
    return table.text(style) + upstreams.map { trouble(of: $0) }.joined()
  }

  private static func state(of upstream: JSONTree) -> String {
    let state = upstream["state"]?.string ?? "-"
    let wait =
      upstream["retry_in_ms"]?.int.map { " \(Quantities.seconds(($0 + 999) / 1000))" } ?? ""
    return state + wait
  }

  /// What is wrong with an upstream, a line each.
  private static func trouble(of upstream: JSONTree) -> String {
    let name = PlainText.cell(upstream["name"]?.string ?? "")
    var lines: [String] = []
    if upstream["key_rejected"]?.bool == true { lines.append("\(name) rejects the key") }
    if let trouble = upstream["trouble"]?.string {
      lines.append("\(name): \(PlainText.cell(trouble))")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func queue(_ status: JSONTree, _ style: TextStyle) -> String {
    guard let queue = status["queue"] else { return "" }
    var facts = FactList("Queue")
    let limit = queue["max_queued"]?.int.map { " of \($0)" } ?? ""
    facts.add("queued", queue["queued"]?.int.map { "\($0)\(limit)" })
    facts.add("running", queue["running"]?.int.map(String.init))
    let waiting = (queue["by_class"]?.members ?? []).filter { $0.value.int ?? 0 > 0 }
    facts.add(
      "by class",
      waiting.isEmpty
        ? nil : waiting.map { "\($0.name) \($0.value.int ?? 0)" }.joined(separator: ", "))
    return facts.text(style)
  }
}

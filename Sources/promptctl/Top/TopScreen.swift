import JSON

/// `top` as lines of text, for a screen of any size from 40×10 on.
struct TopScreen {
  let state: TopState
  let width: Int
  let height: Int
  let style: TextStyle

  /// As many lines as the screen has, none longer than it is wide.
  var lines: [String] {
    var lines = state.showsHelp ? help : head + upstreams + clients
    let room = max(0, height - 1)
    if lines.count < room, !state.showsHelp { lines += queue(room - lines.count) }
    lines = Array(lines.prefix(room))
    lines += Array(repeating: "", count: room - lines.count)
    return lines + [foot]
  }

  private var status: JSONTree { state.status }

  private var head: [String] {
    let version = PlainText.cell(status["version"]?.string ?? "")
    let up = status["uptime_s"]?.int.map(Quantities.seconds) ?? "-"
    let title =
      "promptd \(version)  \(status["state"]?.string ?? "not reached")  up \(up)  "
      + "\(status["connections"]?.int ?? 0) connections  store \(PlainText.cell(stores))"
    let classes = (status["queue"]?["by_class"]?.members ?? []).reversed().map {
      "\($0.name) \($0.value.int ?? 0)"
    }
    let load =
      "running \(status["queue"]?["running"]?.int ?? 0)  queued \(status["queue"]?["queued"]?.int ?? 0)"
      + "  retrying \(status["queue"]?["retrying"]?.int ?? 0)  (\(classes.joined(separator: ", ")))"
    let history = state.history
    let throughput = history.throughput.last.flatMap { $0 }
    let hits = history.hitRate.last { $0 != nil }.flatMap { $0 }
    let latency = history.latency.last.flatMap { $0 }
    return [
      style.heading(cut(title)), cut(load), cut(cache),
      graph("requests", throughput.map { "\(Self.whole($0))/s" }, history.throughput),
      graph("hits", hits.map { "\(Int(($0 * 100).rounded())) %" }, history.hitRate, most: 1),
      graph(
        "upstream", latency.map { Quantities.milliseconds(Self.whole($0)) }, history.latency),
    ]
  }

  /// `cache  saved 9 (0.012)  memory 3 2 KiB/256 MiB  disk 40 9 MiB/2 GiB`
  private var cache: String {
    let cache = status["cache"]
    let saved = cache?["saved"]
    let cost = saved?["cost"]?.double ?? 0
    let tiers = ["memory", "disk"].map { name in
      let tier = cache?[name]
      let limit = tier?["limit"]?.int.map { "/\(Quantities.bytes($0))" } ?? ""
      return
        "\(name) \(tier?["entries"]?.int ?? 0) \(Quantities.bytes(tier?["bytes"]?.int ?? 0))\(limit)"
    }
    let money = cost > 0 ? " (\(Quantities.smallMoney(cost)))" : ""
    return "cache  saved \(saved?["answers"]?.int ?? 0)\(money)  \(tiers.joined(separator: "  "))"
  }

  /// Files that cannot be used, or that all can.
  private var stores: String {
    let states = (status["store"]?.members ?? []).compactMap(\.value.string)
    return states.first { $0 != "serving" } ?? states.first ?? "-"
  }

  /// Nothing that the socket says may be too large to show.
  private static func whole(_ figure: Double) -> Int {
    Int(exactly: min(max(0, figure), 1e15).rounded()) ?? 0
  }

  private func graph(
    _ name: String, _ value: String?, _ figures: [Double?], most: Double? = nil
  ) -> String {
    let words = pad(name, 9) + pad(value ?? "-", 10, toLeft: true) + " "
    return cut(words + Sparkline.text(figures, width: max(0, width - words.count), most: most))
  }

  private var upstreams: [String] {
    var table = Table([
      .left("UPSTREAM"), .left("STATE"), .right("RUNNING"), .right("QUEUED"), .left("TROUBLE"),
    ])
    for upstream in status["upstreams"]?.array ?? [] {
      let limit = upstream["max_concurrent"]?.int.map { "/\($0)" } ?? ""
      let rejected = upstream["key_rejected"]?.bool == true ? "rejects the key" : nil
      table.add([
        upstream["name"]?.string ?? "-", upstream["state"]?.string ?? "-",
        (upstream["running"]?.int.map(String.init) ?? "-") + limit,
        upstream["queued"]?.int.map(String.init) ?? "-",
        rejected ?? upstream["trouble"]?.string ?? "",
      ])
    }
    return block(table, most: max(2, height / 6))
  }

  private var clients: [String] {
    var table = Table([
      .left("CLIENT"), .right("CONNECTIONS"), .right("RUNNING"), .right("QUEUED"),
      .right("REQUESTS"), .right("HITS"), .right("ERRORS"),
    ])
    let busiest = (status["clients"]?.array ?? []).sorted { left, right in
      let names = ["running", "queued", "requests"]
      let (one, other) = (
        names.map { left[$0]?.int ?? 0 }, names.map { right[$0]?.int ?? 0 }
      )
      return other.lexicographicallyPrecedes(one)
    }
    for client in busiest {
      let names = ["connections", "running", "queued", "requests", "hits", "errors"]
      table.add(
        [client["name"]?.string ?? "-"] + names.map { String(client[$0]?.int ?? 0) })
    }
    return block(table, most: max(3, height / 5))
  }

  /// A table below a blank line, its heading and at most so many rows.
  private func block(_ table: Table, most: Int) -> [String] {
    let lines = table.text(TextStyle(hasColours: false, width: width)).split(separator: "\n")
    guard let heading = lines.first else { return [] }
    return ["", style.heading(cut(String(heading)))]
      + lines.dropFirst().prefix(most).map { cut(String($0)) }
  }

  /// The requests, as many as there is room for, the selected one among them and marked.
  private func queue(_ room: Int) -> [String] {
    var table = Table([
      .left(" "), .left("REQUEST"), .left("CLIENT"), .left("CLASS"), .state("STATE"),
      .right("WAITED"), .right("PROGRESS"), .left("MODEL"),
    ])
    let shown = max(0, room - 2)
    let first = max(0, min(state.selected - shown / 2, state.rows.count - shown))
    for (index, row) in state.rows.enumerated().dropFirst(first).prefix(shown) {
      let words = ["client", "class", "state"].map { row[$0]?.string ?? "-" }
      table.add(
        [index == state.selected ? ">" : " ", name(of: row)] + words + [
          row["waited_ms"]?.int.map(Quantities.milliseconds) ?? "-", Self.progress(of: row),
          row["model"]?.string ?? "-",
        ])
    }
    return Array(block(table, most: shown).prefix(room))
  }

  /// The name of a request, or where there is little room, the end that tells it from others.
  private func name(of row: JSONTree) -> String {
    let name = row["request"]?.string ?? "-"
    return width < 100 && name.count > 12 ? "…" + name.suffix(9) : name
  }

  /// How far a stream has come, or how long it is until the call starts.
  private static func progress(of row: JSONTree) -> String {
    if let tokens = row["tokens"]?.int { return "\(tokens) tokens" }
    return row["eta_ms"]?.int.map { "in \(Quantities.milliseconds($0))" } ?? ""
  }

  private var help: [String] {
    [
      style.heading("promptctl top"), "", "up, down, j, k   choose a request",
      "c                cancel it", "+, -             give it a better or a lesser class",
      "p p, r           pause or resume all upstreams (administrators)",
      "/                show requests with this text only; Escape ends that",
      "h, ?             this help", "q, Ctrl-C        leave", "",
      "cache: answers that cost nothing, and what is kept in each tier;",
      "requests: a second; hits: which part of them the cache answered;",
      "upstream: the mean length of calls. Each bar is a second.",
    ].map(cut)
  }

  private var foot: String {
    if state.isTyping { return cut("/\(state.filter)_") }
    if !state.message.isEmpty { return cut(PlainText.cell(state.message)) }
    let filter = state.filter.isEmpty ? "" : "  filter: \(state.filter) (Escape)"
    return cut("q quit  h help  / filter  c cancel  +/- class  p pause  r resume\(filter)")
  }

  private func cut(_ text: String) -> String { TextWidth.prefix(text, width) }

  private func pad(_ text: String, _ width: Int, toLeft: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return toLeft ? space + text : text + space
  }
}

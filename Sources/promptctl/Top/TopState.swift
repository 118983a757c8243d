import JSON

/// What `top` shows, and what keys do to it.
struct TopState: Equatable {
  /// What a key asks of the daemon.
  enum Wish: Equatable {
    case quit
    case pause, resume
    case cancel(request: String)
    case move(request: String, to: String)
  }

  private(set) var status = JSONTree.null
  private(set) var history = TopHistory()
  /// Requests that wait or run, as far as the filter lets them through.
  private(set) var rows: [JSONTree] = []
  private(set) var selected = 0
  private(set) var filter = ""
  private(set) var isTyping = false
  private(set) var showsHelp = false
  /// The key that pauses was pressed once; it takes two.
  private var isPauseMeant = false
  /// What the last wish came to, or why there is nothing new.
  var message = ""
  private var all: [JSONTree] = []

  private static let classes = ["idle", "low", "normal", "high", "urgent"]

  /// A snapshot came, so many seconds after the one before.
  mutating func came(status: JSONTree, queue: JSONTree, after seconds: Double) {
    self.status = status
    history.add(status, after: seconds)
    all = queue["rows"]?.array ?? []
    applyFilter()
  }

  /// The daemon is away.
  mutating func lost(_ reason: String) {
    message = reason
    rows = []
    all = []
    history.add(.null, after: 0)
  }

  private mutating func applyFilter() {
    rows =
      filter.isEmpty
      ? all
      : all.filter { row in
        ["request", "client", "model", "class", "state"].contains {
          row[$0]?.string?.contains(filter) == true
        }
      }
    selected = max(0, min(selected, rows.count - 1))
  }

  /// A key was pressed; returns what the daemon is to do.
  mutating func pressed(_ key: TopKey) -> Wish? {
    if isTyping { return typed(key) }
    message = ""
    defer { isPauseMeant = key == .pause && !isPauseMeant }
    switch key {
    case .quit: return .quit
    case .help: showsHelp.toggle()
    case .escape:
      showsHelp = false
      filter = ""
      applyFilter()
    case .filter: isTyping = true
    case .up: selected = max(0, selected - 1)
    case .down: selected = max(0, min(selected + 1, rows.count - 1))
    case .pause:
      if isPauseMeant { return .pause }
      message = "p once more pauses all upstreams: nothing is started until r"
    case .resume: return .resume
    case .cancel: return request.map { .cancel(request: $0) }
    case .raise: return moved(by: 1)
    case .lower: return moved(by: -1)
    case .enter, .erase, .text: break
    }
    return nil
  }

  private mutating func typed(_ key: TopKey) -> Wish? {
    switch key {
    case .quit: return .quit
    case .enter: isTyping = false
    case .escape:
      isTyping = false
      filter = ""
    case .erase: if !filter.isEmpty { filter.removeLast() }
    case .text(let letter): filter.append(letter)
    case .help, .pause, .resume, .cancel, .raise, .lower, .up, .down, .filter: break
    }
    applyFilter()
    return nil
  }

  private var request: String? {
    rows.indices.contains(selected) ? rows[selected]["request"]?.string : nil
  }

  private func moved(by steps: Int) -> Wish? {
    guard let request, let name = rows[selected]["class"]?.string,
      let place = Self.classes.firstIndex(of: name)
    else { return nil }
    let target = min(max(0, place + steps), Self.classes.count - 1)
    return target == place ? nil : .move(request: request, to: Self.classes[target])
  }
}

/// Lines of a name and a fact, under a heading.
struct FactList {
  let heading: String
  private(set) var facts: [(name: String, value: String)] = []

  init(_ heading: String) { self.heading = heading }

  /// Adds a line; a fact that is not known gets none.
  mutating func add(_ name: String, _ value: String?) {
    if let value { facts.append((name, PlainText.cell(value))) }
  }

  /// The heading and the facts below it; nothing at all without facts.
  func text(_ style: TextStyle) -> String {
    guard !facts.isEmpty else { return "" }
    let width = (facts.map(\.name.count).max() ?? 0) + 2
    let lines = facts.map { fact in
      let value = Self.states.contains(fact.name) ? style.state(fact.value) : fact.value
      return "  \(fact.name)\(String(repeating: " ", count: width - fact.name.count))\(value)\n"
    }
    return style.heading(heading) + "\n" + lines.joined()
  }

  /// Facts that are states.
  private static let states: Set<String> = ["state", "store", "usage", "jobs"]
}

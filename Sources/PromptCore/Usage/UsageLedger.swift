package import PromptProtocol

/// What was used and saved that is not written down yet.
package struct UsageLedger: Sendable {
  package private(set) var rows: [UsageKey: UsageFigures] = [:]
  /// Whoever has used how many labels, of which day.
  private var labels: (day: String, byClient: [String: Set<String>]) = ("", [:])

  /// Labels of one client in one day; what comes under more of them is counted as if it had none, so
  /// that a script with a label for each request does not fill the disk.
  package static let mostLabels = 1000

  package init() {}

  /// Counts a call that is over.
  package mutating func note(_ record: CallRecord) {
    var figures = UsageFigures()
    figures.calls = 1
    figures.errors = record.error == nil ? 0 : 1
    figures.tokensIn = record.tokens.prompt
    figures.tokensOut = record.tokens.completion
    figures.cost = record.cost
    let key = UsageKey(
      day: record.day, client: record.client, model: record.model, upstream: record.upstream,
      label: record.label ?? "")
    add(figures, under: key)
  }

  /// Counts answers that went out on a day, as `Day.name`.
  package mutating func note(_ answers: [AnswerTally.Key: AnswerTally.Figures], on day: String) {
    for (key, counted) in answers {
      let figures = UsageFigures(counted, key.outcome)
      guard figures != UsageFigures() else { continue }
      let row = UsageKey(
        day: day, client: key.client, model: key.model, upstream: key.upstream, label: key.label)
      add(figures, under: row)
    }
  }

  private mutating func add(_ figures: UsageFigures, under key: UsageKey) {
    var key = key
    if !isKept(key) { key.label = "" }
    rows[key, default: UsageFigures()] += figures
  }

  /// Whether the label is one that may have rows of its own.
  private mutating func isKept(_ key: UsageKey) -> Bool {
    if key.label.isEmpty { return true }
    if labels.day != key.day { labels = (key.day, [:]) }
    let known = labels.byClient[key.client, default: []]
    if known.contains(key.label) { return true }
    guard known.count < Self.mostLabels else { return false }
    labels.byClient[key.client, default: []].insert(key.label)
    return true
  }

  /// Takes everything out, to be written.
  package mutating func take() -> [UsageKey: UsageFigures] {
    defer { rows = [:] }
    return rows
  }

  /// Puts back what could not be written.
  package mutating func putBack(_ other: [UsageKey: UsageFigures]) {
    for (key, figures) in other { rows[key, default: UsageFigures()] += figures }
  }
}

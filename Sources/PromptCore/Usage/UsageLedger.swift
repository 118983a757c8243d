package import PromptProtocol

/// What was used and saved that is not written down yet.
package struct UsageLedger: Sendable {
  package private(set) var rows: [UsageKey: UsageFigures] = [:]
  /// By client, which models with which labels have rows of their own on a day.
  private var kinds: (day: String, byClient: [String: Set<Kind>]) = ("", [:])

  private struct Kind: Hashable, Sendable {
    var model: String
    var label: String
  }

  /// Pairs of model and label that one client may have in a day, about: a start forgets them. Both are
  /// anybody's text, and a script with another one for each request must not fill the disk.
  package static let mostKinds = 1000
  /// What stands for all other models.
  package static let other = "other"

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
    if !keeps(key, atMost: Self.mostKinds) {
      key.label = ""
      if !keeps(key, atMost: 2 * Self.mostKinds) { key.model = Self.other }
    }
    rows[key, default: UsageFigures()] += figures
  }

  /// Whether a model and a label have a row of their own, as so many may.
  private mutating func keeps(_ key: UsageKey, atMost limit: Int) -> Bool {
    // The day of a call and that of an answer may differ around midnight.
    if key.day > kinds.day { kinds = (key.day, [:]) }
    let kind = Kind(model: key.model, label: key.label)
    let known = kinds.byClient[key.client, default: []]
    if known.contains(kind) { return true }
    guard known.count < limit else { return false }
    kinds.byClient[key.client, default: []].insert(kind)
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

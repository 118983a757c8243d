package import PromptProtocol

/// Answers that went out since the start, for the metrics: however many models are asked for, a
/// bounded number of counters for each client.
package struct AnswerCounts: Sendable {
  /// What is counted together.
  package struct Key: Hashable, Comparable, Sendable {
    package var client: String
    package var model: String
    package var priority: PriorityClass
    package var outcome: CacheOutcome

    package static func < (left: Self, right: Self) -> Bool {
      (left.client, left.model, left.priority.rawValue, left.outcome.rawValue)
        < (right.client, right.model, right.priority.rawValue, right.outcome.rawValue)
    }
  }

  /// Models of one client that have counters of their own; the rest share those of `other`.
  package static let mostModels = 50
  /// What stands for all other models.
  package static let other = "other"

  package private(set) var counts: [Key: Int] = [:]
  /// By client, which models have counters.
  private var models: [String: Set<String>] = [:]

  package init() {}

  /// Counts answers that went out.
  package mutating func note(_ answers: [AnswerTally.Key: AnswerTally.Figures]) {
    for (key, figures) in answers {
      let counted = Key(
        client: key.client, model: model(key.model, of: key.client), priority: key.priority,
        outcome: key.outcome)
      counts[counted, default: 0] += figures.answers
    }
  }

  private mutating func model(_ name: String, of client: String) -> String {
    let known = models[client, default: []]
    if known.contains(name) { return name }
    guard known.count < Self.mostModels else { return Self.other }
    models[client, default: []].insert(name)
    return name
  }
}

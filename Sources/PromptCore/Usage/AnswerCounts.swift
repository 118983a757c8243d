package import PromptProtocol

/// Answers that went out since the start, for the metrics: however many models and clients there are,
/// a bounded number of counters.
package struct AnswerCounts: Sendable {
  /// What is counted together.
  package struct Key: Hashable, Comparable, Sendable {
    package var client: String
    package var model: String
    package var priority: PriorityClass
    package var outcome: CacheOutcome

    package init(
      client: String, model: String, priority: PriorityClass, outcome: CacheOutcome
    ) {
      self.client = client
      self.model = model
      self.priority = priority
      self.outcome = outcome
    }

    package static func < (left: Self, right: Self) -> Bool {
      (left.client, left.model, left.priority.rawValue, left.outcome.rawValue)
        < (right.client, right.model, right.priority.rawValue, right.outcome.rawValue)
    }
  }

  /// Pairs of client and model that have counters of their own; the rest share those of `other`.
  package static let mostPairs = 200
  /// What stands for all other clients and models.
  package static let other = "other"

  private struct Pair: Hashable, Sendable {
    var client: String
    var model: String
  }

  package private(set) var counts: [Key: Int] = [:]
  private var pairs: Set<Pair> = []

  package init() {}

  /// Counts answers that went out.
  package mutating func note(_ answers: [AnswerTally.Key: AnswerTally.Figures]) {
    for (key, figures) in answers {
      var pair = Pair(client: key.client, model: key.model)
      if !pairs.contains(pair) {
        if pairs.count < Self.mostPairs {
          pairs.insert(pair)
        } else {
          pair = Pair(client: Self.other, model: Self.other)
        }
      }
      let key = Key(
        client: pair.client, model: pair.model, priority: key.priority, outcome: key.outcome)
      counts[key, default: 0] += figures.answers
    }
  }
}

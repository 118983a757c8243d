package import PromptProtocol

/// Answers that went out and are not in the ledger yet.
package struct AnswerTally: Sendable {
  /// What is counted together.
  package struct Key: Hashable, Sendable {
    package var client: String
    package var model: String
    /// Empty where the upstream that made the answer is configured no more.
    package var upstream: String
    /// Empty where a request had none.
    package var label: String
    package var priority: PriorityClass
    package var outcome: CacheOutcome
  }

  /// What is counted.
  package struct Figures: Equatable, Sendable {
    package var answers = 0
    package var saved = Savings()
  }

  /// Labels are anybody's: past so many rows of a client with one, more are counted as if they had none.
  package static let mostLabelled = 1000

  package private(set) var rows: [Key: Figures] = [:]
  /// By client, rows with a label.
  private var labelled: [String: Int] = [:]

  package init() {}

  /// Counts an answer that goes out, and what its reply says of it.
  package mutating func note(_ answer: CachedAnswer, _ info: ReplyInfo) {
    var key = Key(
      client: info.client ?? "", model: answer.model, upstream: info.upstream ?? "",
      label: info.label ?? "", priority: info.priority ?? .normal, outcome: info.cache ?? .miss)
    if !key.label.isEmpty, rows[key] == nil, !takesLabel(of: key.client) { key.label = "" }
    rows[key, default: Figures()].add(answer, key.outcome)
  }

  private mutating func takesLabel(of client: String) -> Bool {
    guard labelled[client, default: 0] < Self.mostLabelled else { return false }
    labelled[client, default: 0] += 1
    return true
  }

  /// Takes everything out.
  package mutating func take() -> [Key: Figures] {
    defer {
      rows = [:]
      labelled = [:]
    }
    return rows
  }
}

extension AnswerTally.Figures {
  fileprivate mutating func add(_ answer: CachedAnswer, _ outcome: CacheOutcome) {
    answers += 1
    switch outcome {
    case .miss, .refreshed, .bypassed: return
    case .hit: saved.milliseconds += answer.took
    case .joined, .stale: break  // they waited as long as the call took
    }
    saved.tokensIn += answer.tokens.prompt
    saved.tokensOut += answer.tokens.completion
    saved.cost += answer.cost
  }
}

extension UsageFigures {
  /// Answers of one outcome.
  package init(_ figures: AnswerTally.Figures, _ outcome: CacheOutcome) {
    self.init()
    saved = figures.saved
    switch outcome {
    case .hit, .stale: hits = figures.answers
    case .joined: joined = figures.answers
    case .miss, .refreshed, .bypassed: break  // their calls are counted
    }
  }
}

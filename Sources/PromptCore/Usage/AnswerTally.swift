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

  private var figures: [Figures] = []
  /// Where each key has its figures.
  private var places: [Key: Int] = [:]
  /// The key of the last answer and its place: the next one is mostly of the same, and comparing costs
  /// a tenth of hashing.
  private var last: (key: Key, place: Int)?
  /// By client, rows with a label.
  private var labelled: [String: Int] = [:]

  package init() {}

  /// Everything that was counted.
  package var rows: [Key: Figures] { places.mapValues { figures[$0] } }

  /// Counts an answer that goes out, and what its reply says of it.
  package mutating func note(_ answer: CachedAnswer, _ info: ReplyInfo) {
    note(
      answer, info.cache ?? .miss, to: info.client ?? "", upstream: info.upstream ?? "",
      label: info.label ?? "", info.priority ?? .normal)
  }

  /// Counts an answer that goes out; `upstream` and `label` are empty where there is none.
  package mutating func note(
    _ answer: CachedAnswer, _ outcome: CacheOutcome, to client: String, upstream: String,
    label: String, _ priority: PriorityClass
  ) {
    if let last, last.key.outcome == outcome, last.key.priority == priority,
      last.key.client == client, last.key.model == answer.model, last.key.upstream == upstream,
      last.key.label == label
    {
      return figures[last.place].add(answer, outcome)
    }
    let key = Key(
      client: client, model: answer.model, upstream: upstream, label: label, priority: priority,
      outcome: outcome)
    figures[place(of: key)].add(answer, outcome)
  }

  private mutating func place(of key: Key) -> Int {
    var key = key
    if !key.label.isEmpty, places[key] == nil, !takesLabel(of: key.client) { key.label = "" }
    let place = places[key] ?? figures.count
    if place == figures.count {
      figures.append(Figures())
      places[key] = place
    }
    last = (key, place)
    return place
  }

  private mutating func takesLabel(of client: String) -> Bool {
    guard labelled[client, default: 0] < Self.mostLabelled else { return false }
    labelled[client, default: 0] += 1
    return true
  }

  /// Takes everything out.
  package mutating func take() -> [Key: Figures] {
    defer { self = AnswerTally() }
    return rows
  }
}

extension AnswerTally.Figures {
  fileprivate mutating func add(_ answer: CachedAnswer, _ outcome: CacheOutcome) {
    answers += 1
    switch outcome {
    case .miss, .refreshed, .bypassed: return
    case .hit: saved.milliseconds.addSaturating(answer.took)
    case .joined, .stale: break  // they waited as long as the call took
    }
    saved.tokensIn.addSaturating(answer.tokens.prompt)
    saved.tokensOut.addSaturating(answer.tokens.completion)
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

package import PromptProtocol

/// Which models there are: the lists of all upstreams, asked for again when they are old.
///
/// A list goes from unknown to being asked for, and from there to known or failed; a known one
/// serves while it is asked for again, and one that failed is left alone for a while.
package struct ModelCatalog: Sendable {
  /// What is to be done.
  package enum Action: Equatable, Sendable {
    /// Ask this upstream and report with `fetched`.
    case fetch(lane: Int)
    /// Answer a request with `list`, or with this error where no list has come.
    case answer(RequestID, WireError?)
  }

  private struct List: Sendable {
    var lane: Int
    var policy: UpstreamPolicy
    var models: [ListedModel]?
    var fault: WireError?
    /// Until when what is known is good enough not to ask again.
    var goodUntil: MonotonicTime?
    var isUnderWay = false

    /// Whether nothing is known, good or bad.
    var isUnknown: Bool { models == nil && fault == nil }
  }

  private var lists: [List]
  private var waiting: [RequestID] = []

  /// How long a list is good, and how long a failure is taken for granted, in seconds.
  private static let life = 300.0
  private static let rest = 10.0

  /// The lists of upstreams, in the order of the lanes.
  package init(_ policies: [UpstreamPolicy]) {
    lists = policies.enumerated().map { List(lane: $0, policy: $1) }
  }

  /// Takes over a new configuration: upstreams and their lanes, in file order. Whoever waits is
  /// answered by the new ones.
  package mutating func reconfigured(
    _ upstreams: [(lane: Int, policy: UpstreamPolicy)], now: MonotonicTime
  ) -> [Action] {
    lists = upstreams.map { lane, policy in
      // A new key may see other models.
      var list = List(lane: lane, policy: policy)
      list.isUnderWay = lists.first { $0.lane == lane }?.isUnderWay ?? false
      return list
    }
    let asked = waiting
    waiting = []
    return asked.flatMap { self.asked($0, now: now) }
  }

  /// Somebody asks for the list.
  package mutating func asked(_ request: RequestID, now: MonotonicTime) -> [Action] {
    guard !lists.isEmpty else {
      return [
        .answer(
          request, WireError(.noUpstream, BrokerState.noUpstreamText(file: "the configuration")))
      ]
    }
    waiting.append(request)
    var actions: [Action] = []
    for index in lists.indices where !lists[index].isUnderWay {
      if let end = lists[index].goodUntil, now < end { continue }
      lists[index].isUnderWay = true
      // What failed long ago says nothing of now.
      lists[index].fault = nil
      actions.append(.fetch(lane: lists[index].lane))
    }
    return actions + answers()
  }

  /// Somebody who waited is gone.
  package mutating func left(_ request: RequestID) { waiting.removeAll { $0 == request } }

  /// An upstream answered, or failed: then its old list, if there is one, goes on.
  package mutating func fetched(
    lane: Int, _ result: Result<[ListedModel], WireError>, now: MonotonicTime
  ) -> [Action] {
    guard let index = lists.firstIndex(where: { $0.lane == lane }), lists[index].isUnderWay else {
      return []
    }
    lists[index].isUnderWay = false
    switch result {
    case .success(let models):
      lists[index].models = models
      lists[index].goodUntil = now.advanced(seconds: Self.life)
    case .failure(let error):
      lists[index].fault = error
      lists[index].goodUntil = now.advanced(seconds: Self.rest)
    }
    return answers()
  }

  private mutating func answers() -> [Action] {
    guard !lists.contains(where: \.isUnknown) else { return [] }
    defer { waiting = [] }
    let isKnown = lists.contains { $0.models != nil }
    let fault = isKnown ? nil : lists.compactMap(\.fault).first
    return waiting.map { .answer($0, fault) }
  }

  /// The models that upstreams serve, in file order and each once, as far as a client may use them.
  package func list(for models: [Glob]?) -> [ListedModel] {
    var seen: Set<String> = []
    return lists.flatMap { list in
      (list.models ?? []).filter { model in
        list.policy.serves(model: model.id) && models?.match(model.id) ?? true
          && seen.insert(model.id).inserted
      }
    }
  }
}

import PromptProtocol

@testable import PromptCore

/// A broker with upstreams `a`, `b`, … and what it has done.
struct CallingBroker {
  var state: BrokerState
  var lanes: [FlightID: Int] = [:]
  var starts: [Int] = []
  var replies: [RequestID: ChatReply] = [:]
  var events: [ChatEvent] = []
  var changes: [UpstreamChange] = []
  var records: [CallRecord] = []
  var wakes: [MonotonicTime] = []

  init(
    upstreams: Int = 1, slots: Int = 4, rules: BrokerState.Rules = .init(),
    change: (inout UpstreamPolicy) -> Void = { _ in }
  ) {
    let lanes = ["a", "b", "c"].prefix(upstreams).map { name in
      var policy = UpstreamPolicy(name: name)
      policy.maxConcurrent = slots
      change(&policy)
      return Lane(policy: policy, origin: "https://\(name)/v1")
    }
    state = BrokerState(lanes: lanes, rules: rules)
  }

  mutating func take(_ actions: [BrokerAction], at milliseconds: Int64) {
    for action in actions {
      switch action {
      case .lookUp(let flight, _):
        take(state.diskAnswered(flight, nil, now: .at(milliseconds)), at: milliseconds)
      case .start(let flight, let lane, _, _):
        lanes[flight] = lane
        starts.append(lane)
      case .abort(let flight): lanes[flight] = nil
      case .reply(let request, let reply): replies[request] = reply
      case .event(_, let event): events.append(event)
      case .upstream(_, let change): changes.append(change)
      case .note(let record): records.append(record)
      case .wake(let time): wakes.append(time)
      case .began, .chunks, .keep, .promote: continue
      }
    }
  }

  mutating func ask(_ request: ChatRequest) {
    take(state.arrived(request), at: request.arrived.wall)
  }

  /// The calls under way end so.
  mutating func end(_ fault: CallFault?, at milliseconds: Int64) {
    for flight in lanes.keys.sorted() {
      lanes[flight] = nil
      let outcome: AnswerOutcome =
        fault.map { .failed($0) }
        ?? .completed(CompletedAnswer(completion: Array("{}".utf8)))
      take(state.callEnded(flight, outcome, now: .at(milliseconds)), at: milliseconds)
    }
  }

  mutating func tick(_ milliseconds: Int64) {
    take(state.ticked(now: .at(milliseconds)), at: milliseconds)
  }

  func error(_ number: UInt64) -> WireError? {
    if case .failure(let error) = replies[.number(number)] { error } else { nil }
  }

  func info(_ number: UInt64) -> ReplyInfo? {
    if case .answer(_, let info) = replies[.number(number)] { info } else { nil }
  }
}

extension RequestOptions {
  /// Options that are as wanted.
  static func make(_ change: (inout RequestOptions) -> Void) -> RequestOptions {
    var options = RequestOptions()
    change(&options)
    return options
  }
}

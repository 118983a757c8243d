import HeapModule
import PromptProtocol
import TestSupport

@testable import PromptCore

/// A day of traffic in a moment: the broker's own state, on a clock that jumps from event to event.
///
/// Every request asks a question of its own and wants no cache, unless it is told otherwise. Calls
/// take as long and as many tokens as `length` and `used` say.
struct Simulation {
  /// One call that began.
  struct Start: Equatable {
    var request: RequestID
    var client: ClientID
    var at: MonotonicTime
    var tokens: Int

    /// In seconds.
    var time: Double { Double(at.nanoseconds) / 1e9 }
  }

  private struct Event: Comparable {
    var time: Int64
    var serial: Int
    var kind: Kind

    static func == (left: Self, right: Self) -> Bool { left.serial == right.serial }

    static func < (left: Self, right: Self) -> Bool {
      (left.time, left.serial) < (right.time, right.serial)
    }
  }

  private enum Kind {
    case arrival(ChatRequest)
    case end(FlightID, RequestID, CallFault?)
    case wake
  }

  var state: BrokerState
  /// Seconds that a call takes.
  var length: (RequestID) -> Double = { _ in 1 }
  /// Tokens that a call turns out to take; nil for as many as were expected.
  var used: (RequestID) -> Int? = { _ in nil }
  /// What a call fails of that begins now; nil when it does not.
  var fault: (Double) -> CallFault? = { _ in nil }
  private(set) var starts: [Start] = []
  private(set) var changes: [(at: Double, UpstreamChange)] = []
  private(set) var replies: [RequestID: ChatReply] = [:]
  private(set) var events: [RequestID: [ChatEvent]] = [:]
  /// Calls under way.
  private(set) var calls: Set<FlightID> = []
  /// The time in nanoseconds.
  private(set) var now: Int64 = 0
  private var agenda = Heap<Event>()
  private var lastSerial = 0
  private var lastRequest: UInt64 = 0
  /// What the shell would do: the earliest time that `.wake` named.
  private(set) var wakesAt: MonotonicTime?

  init(
    slots: Int = 1, rules: BrokerState.Rules = .init(),
    change: (inout UpstreamPolicy) -> Void = { _ in }
  ) {
    var policy = UpstreamPolicy(name: "a")
    policy.maxConcurrent = slots
    change(&policy)
    state = BrokerState(
      lanes: [Lane(policy: policy, origin: "https://a/v1", ageStep: rules.queue.ageStep)],
      rules: rules)
  }

  /// Seconds that a call takes which fails.
  private static let failureTime = 0.02

  var moment: Moment { Moment(monotonic: .init(nanoseconds: now), wall: now / 1_000_000) }

  var seconds: Double { Double(now) / 1e9 }

  /// Makes a client.
  mutating func client(
    _ name: String, weight: Int = 1, limits: ClientLimits = ClientLimits()
  ) -> ClientID {
    state.admit(ClientTerms(name: name, weight: weight, limits: limits))
  }

  /// Has a request come at a time in seconds, in the future or now; it asks a question of its own
  /// unless it is told which.
  @discardableResult
  mutating func arrive(
    _ client: ClientID, _ priority: PriorityClass = .normal, at time: Double? = nil,
    asks question: UInt64? = nil, tokens: Int = 100, options: RequestOptions = RequestOptions()
  ) throws -> RequestID {
    lastRequest += 1
    let time = max(now, time.map { Int64($0 * 1e9) } ?? now)
    let request = try ChatRequest.make(
      lastRequest, asks: question, client: "\(client.rawValue)", priority: priority,
      control: .bypass,
      options: options, size: RequestSize(promptTokens: 0, maxTokens: tokens), account: client,
      arrived: Moment(monotonic: .init(nanoseconds: time), wall: time / 1_000_000))
    schedule(.arrival(request), time)
    return request.id
  }

  private mutating func schedule(_ kind: Kind, _ time: Int64) {
    lastSerial += 1
    agenda.insert(Event(time: time, serial: lastSerial, kind: kind))
  }

  /// Does what happens up to a time in seconds.
  mutating func run(until end: Double) {
    let end = Int64(end * 1e9)
    while let next = agenda.min, next.time <= end { step() }
    now = max(now, end)
  }

  /// Does everything that is to happen.
  mutating func runOut() { while agenda.min != nil { step() } }

  /// Does what happens next.
  mutating func step() {
    guard let event = agenda.popMin() else { return }
    now = max(now, event.time)
    switch event.kind {
    case .arrival(let request): take(state.arrived(request))
    case .end(let flight, let request, let fault): end(flight, request, fault)
    case .wake:
      guard let wakesAt, wakesAt.nanoseconds <= now else { return }
      self.wakesAt = nil
      take(state.ticked(now: moment))
    }
  }

  private mutating func end(_ flight: FlightID, _ request: RequestID, _ fault: CallFault?) {
    guard calls.remove(flight) != nil else { return }
    if let fault { return take(state.callEnded(flight, .failed(fault), now: moment)) }
    let tokens = used(request) ?? state.lanes[0].running[flight]?.tokens ?? 0
    let answer = CompletedAnswer(
      completion: Array("{}".utf8), tokens: TokenCount(prompt: 0, completion: tokens))
    take(state.callEnded(flight, .completed(answer), now: moment))
  }

  /// Does what the state wants done.
  mutating func take(_ actions: [BrokerAction]) {
    for action in actions {
      switch action {
      case .lookUp(let flight, _): take(state.diskAnswered(flight, nil, now: moment))
      case .start(let flight, _, _, _): began(flight)
      case .abort(let flight): calls.remove(flight)
      case .reply(let request, let reply): replies[request] = reply
      case .event(let request, let event): events[request, default: []].append(event)
      case .wake(let time):
        guard wakesAt.map({ time < $0 }) ?? true else { continue }
        wakesAt = time
        schedule(.wake, time.nanoseconds)
      case .upstream(_, let change): changes.append((seconds, change))
      case .began, .chunks, .keep, .promote, .note: continue
      }
    }
  }

  private mutating func began(_ flight: FlightID) {
    calls.insert(flight)
    guard let leader = state.flights[flight]?.leader,
      let slot = state.lanes.lazy.compactMap({ $0.running[flight] }).first
    else { return }
    starts.append(
      Start(request: leader, client: slot.client, at: moment.monotonic, tokens: slot.tokens))
    let fault = fault(seconds)
    let length = fault == nil ? length(leader) : Self.failureTime
    schedule(.end(flight, leader, fault), now + Int64(length * 1e9))
  }
}

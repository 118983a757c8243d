import FoundationEssentials
import PromptProtocol
import TestSupport
import Testing

@testable import PromptCore

/// Things that happen in any order, a million for `make simulate`, after each of which everything
/// must agree.
@Suite struct BrokerInvariantTests {
  /// Two upstreams with limits, clients with limits, and everything that can happen to a request.
  private struct Storm {
    var state: BrokerState
    var generator: SplitMix
    var clients: [ClientID] = []
    var now: Int64 = 0
    var requests: [RequestID] = []
    var looking: [FlightID] = []
    var calls: Set<FlightID> = []
    var wakesAt: MonotonicTime?
    var answered: Set<RequestID> = []
    var lastRequest: UInt64 = 0
    var starts = 0
    let upstreams: [UpstreamPolicy]

    init(seed: UInt64) {
      generator = SplitMix(seed: seed)
      var rules = BrokerState.Rules()
      rules.queue.maxQueued = 40
      rules.queue.maxWait = .seconds(20)
      rules.queue.ageStep = .seconds(3)
      rules.prices = ["m": Price(input: 1, output: 2)]
      var first = UpstreamPolicy(name: "a")
      first.maxConcurrent = 4
      first.requestsPerMinute = 60
      first.tokensPerMinute = 6000
      first.models = [.init("m")]
      var second = UpstreamPolicy(name: "b")
      second.maxConcurrent = 2
      upstreams = [first, second]
      state = BrokerState(
        lanes: [first, second].map {
          Lane(policy: $0, origin: $0.name, ageStep: rules.queue.ageStep)
        }, rules: rules, day: Day(name: "1", starts: 0, ends: 1_000_000))
      var limits = ClientLimits()
      for number in 0..<6 {
        limits.maxInFlight = number == 1 ? 1 : nil
        limits.maxQueued = number == 2 ? 5 : nil
        limits.requestsPerMinute = number == 3 ? 20 : nil
        limits.tokensPerMinute = number == 4 ? 5000 : nil
        limits.tokensPerDay = number == 5 ? 50_000 : nil
        clients.append(
          state.admit(ClientTerms(name: "c\(number)", weight: number + 1, limits: limits)))
      }
    }

    var moment: Moment { Moment(monotonic: .init(nanoseconds: now), wall: now / 1_000_000) }

    mutating func chance(_ part: Int) -> Bool { Int.random(in: 0..<part, using: &generator) == 0 }

    mutating func happen() throws {
      now += Int64.random(in: 0...200_000_000, using: &generator)
      if let wakesAt, wakesAt.nanoseconds <= now {
        self.wakesAt = nil
        return take(state.ticked(now: moment))
      }
      switch Int.random(in: 0..<16, using: &generator) {
      case 0..<5: try arrive()
      case 5..<7: look()
      case 7..<10: end()
      case 10: pick { $0.state.left($1, now: $0.moment) }
      case 11: pick { $0.state.cancelled($1, now: $0.moment) }
      case 12:
        let priority = PriorityClass.allCases.randomElement(using: &generator) ?? .low
        pick { $0.state.moved($1, to: priority, now: $0.moment) ?? [] }
      case 13 where chance(2): take(state.paused(chance(2) ? 0 : 1, chance(8), now: moment))
      case 13 where chance(20): reconfigure()
      case 14 where chance(50):
        state.dayBegan(Day(name: "\(now)", starts: now / 1_000_000, ends: .max))
      default: chunks()
      }
    }

    /// Upstreams come, go, change their order, their models and their limits.
    private mutating func reconfigure() {
      var some = upstreams.filter { _ in !chance(5) }
      if chance(2) { some.reverse() }
      for index in some.indices {
        some[index].requestsPerMinute = chance(2) ? 60 : nil
        some[index].models = chance(3) ? [.init("m")] : [.everything]
      }
      take(
        state.reconfigured(
          some.map { .init(policy: $0, origin: $0.name) }, rules: state.rules, now: moment
        ).actions)
    }

    private mutating func arrive() throws {
      lastRequest += 1
      var options = RequestOptions()
      options.events = chance(3)
      if chance(5) { options.maxWait = Double.random(in: 0...10, using: &generator) }
      if chance(5) { options.timeout = Double.random(in: 0...10, using: &generator) }
      let control =
        [CacheControl.use, .use, .use, .bypass, .refresh, .only]
        .randomElement(using: &generator) ?? .use
      let request = try ChatRequest.make(
        lastRequest, asks: UInt64.random(in: 0..<20, using: &generator),
        model: chance(3) ? "n" : "m",
        priority: PriorityClass.allCases.randomElement(using: &generator) ?? .idle,
        control: control, options: options, streams: chance(2),
        size: RequestSize(
          promptTokens: Int.random(in: 0..<800, using: &generator),
          maxTokens: chance(2) ? Int.random(in: 1..<2000, using: &generator) : nil),
        account: clients.randomElement(using: &generator) ?? clients[0],
        at: now / 1_000_000)
      requests.append(request.id)
      take(state.arrived(request))
    }

    private mutating func look() {
      guard let index = looking.indices.randomElement(using: &generator) else { return }
      let flight = looking.remove(at: index)
      take(state.diskAnswered(flight, chance(8) ? .make(1) : nil, now: moment))
    }

    private mutating func end() {
      guard let flight = calls.sorted().randomElement(using: &generator) else { return }
      calls.remove(flight)
      let tokens = TokenCount(
        prompt: Int.random(in: 0..<3000, using: &generator),
        completion: Int.random(in: 0..<3000, using: &generator))
      let outcome: AnswerOutcome =
        chance(4)
        ? .failed(fault())
        : .completed(CompletedAnswer(completion: Array("{}".utf8), tokens: tokens))
      take(state.callEnded(flight, outcome, now: moment))
    }

    private mutating func fault() -> CallFault {
      let kinds: [CallFault.Kind] = [
        .connect, .connect, .reset, .cut, .stalled, .status(429), .status(503), .status(401),
        .strange, .own,
      ]
      let pause = chance(3) ? Double.random(in: 0..<3, using: &generator) : nil
      return .make(kinds.randomElement(using: &generator) ?? .reset, pause: pause)
    }

    private mutating func chunks() {
      guard let flight = calls.sorted().randomElement(using: &generator) else { return }
      state.firstByteCame(flight, now: moment)
      take(state.chunksCame(flight, []))
    }

    private mutating func pick(_ event: (inout Self, RequestID) -> [BrokerAction]) {
      guard let request = requests.randomElement(using: &generator) else { return }
      let isLeaving = state.waiters[request] != nil
      let actions = event(&self, request)
      take(actions)
      if isLeaving, state.waiters[request] == nil { answered.insert(request) }
    }

    private mutating func take(_ actions: [BrokerAction]) {
      for action in actions {
        switch action {
        case .lookUp(let flight, _): looking.append(flight)
        case .start(let flight, _, _, _):
          calls.insert(flight)
          starts += 1
        case .abort(let flight): calls.remove(flight)
        case .reply(let request, _):
          #expect(answered.insert(request).inserted, "\(request) was answered twice")
        case .wake(let time): wakesAt = wakesAt.map { min($0, time) } ?? time
        case .began, .chunks, .event, .keep, .promote, .note, .upstream: continue
        }
      }
      if requests.count > 200 {
        requests.removeAll { state.waiters[$0] == nil }
        answered = answered.intersection(requests)
      }
    }

    /// The first thing that does not agree.
    func fault() -> String? {
      if state.lanes.contains(where: { $0.isRetired && $0.queue.count > 0 }) {
        return "somebody waits for an upstream that is gone"
      }
      let running = state.lanes.flatMap(\.running.keys)
      if Set(running) != calls || running.count != calls.count { return "slots are not calls" }
      for (id, flight) in state.flights {
        let places = flight.waiters.map { request in
          state.lanes.map { $0.queue.entry(of: request) }
        }
        if flight.stage != .queued, places.contains(where: { $0.contains { $0 != nil } }) {
          return "who does not wait for a slot is in a queue"
        }
        if flight.isRunning != calls.contains(id) { return "a flight runs without a call" }
        if !flight.waiters.contains(flight.leader) { return "a leader does not wait" }
        if flight.waiters.contains(where: { state.waiters[$0]?.flight != id }) {
          return "a waiter is in two places"
        }
        guard flight.stage == .queued, let leader = state.waiters[flight.leader]?.request,
          let entry = state.lanes[flight.lane].queue.entry(of: flight.leader)
        else {
          if flight.stage == .queued { return "a leader has no place" }
          continue
        }
        if entry.priority != leader.priority || entry.client != leader.account {
          return "a request does not stand where it belongs"
        }
        if places.joined().compactMap({ $0?.counts }).count(where: \.self) != 1 || !entry.counts {
          return "a call is not counted by its leader"
        }
        // Who has a budget may have used it up, or got a new one, since.
        let others = flight.waiters.compactMap { state.waiters[$0]?.request }
          .filter { state.accounts[$0.account].terms.limits.tokensPerDay == nil }
        if others.contains(where: { state.lanes[flight.lane].queue.entry(of: $0.id) == nil }) {
          return "who can pay has no place"
        }
        if leader.priority < others.map(\.priority).max() ?? .idle {
          return "a flight does not go by the best who waits for it"
        }
      }
      return countFault() ?? wakeFault()
    }

    private func countFault() -> String? {
      if state.queued != state.flights.values.count(where: { $0.stage == .queued }) {
        return "the queue holds what is no flight"
      }
      let waiting = state.waiters.values.filter(\.isQueued)
      if state.room.count != waiting.count { return "the room counts wrong" }
      let queued = state.waiters.values.count { state.flights[$0.flight]?.stage == .queued }
      if queued != waiting.count { return "who waits has no place" }
      for client in clients {
        let account = state.accounts[client]
        if account.waiting.count != waiting.count(where: { $0.request.account == client }) {
          return "a client's room counts wrong"
        }
        let slots = state.lanes.flatMap(\.running.values).count { $0.client == client }
        if account.running != slots { return "a client's calls are miscounted" }
        if let most = account.terms.limits.maxInFlight, account.running > most {
          return "a client has too many calls"
        }
      }
      return nil
    }

    /// Whatever may start has started, and whatever only time keeps has a time.
    private func wakeFault() -> String? {
      for lane in state.lanes {
        var copy = lane
        let next = copy.next(state.rules.queue, now: moment.monotonic) { client, tokens in
          state.accounts[client].hindrance(tokens: tokens, now: moment.monotonic)
        }
        if next != nil { return "a flight could start and does not" }
        if lane.running.count > lane.policy.maxConcurrent { return "there are too many calls" }
        guard let opens = copy.opens else { continue }
        guard let wakesAt, wakesAt <= max(opens, moment.monotonic) else {
          return "a wake-up is lost"
        }
      }
      if let deadline = state.deadlines.earliest, wakesAt.map({ $0 > deadline }) ?? true {
        return "a deadline is lost"
      }
      return nil
    }
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func everythingAgreesWhateverHappens(seed: UInt64) throws {
    var storm = Storm(seed: seed)
    for count in 0..<Self.events {
      try storm.happen()
      if let fault = storm.fault() {
        Issue.record("after \(count) events of seed \(seed): \(fault)")
        return
      }
    }
    #expect(storm.starts > Self.events / 100)
  }

  /// For each seed: a hundred thousand in all, or as many as `PROMPTD_EVENTS` says.
  private static let events =
    (ProcessInfo.processInfo.environment["PROMPTD_EVENTS"].flatMap(Int.init) ?? 100_000) / 10
}

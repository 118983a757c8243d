import PromptProtocol

/// Everything that is under way, as one value: who waits for which flight, which flight waits for
/// which slot, and what is to be done when something happens.
///
/// A request arrives, joins a flight or leads a new one; a flight looks on disk, waits in the
/// queue of its lane, holds a slot, and ends. Each event returns what to do, in order.
package struct BrokerState: Sendable {
  /// A request that waits for a flight.
  struct Waiter: Sendable {
    var flight: FlightID
    var request: ChatRequest
    /// It came to a flight that was under way.
    var joined: Bool
    /// It takes a place in the queue.
    var isQueued = false
    /// Chunks have gone to it.
    var hasBegun = false
  }

  /// What the configuration says.
  package struct Rules: Sendable {
    package var queue: QueuePolicy
    package var cache: CachePolicy
    /// By model.
    package var prices: [String: Price]
    /// Where an upstream is to be written, where there is none.
    package var file: String

    package init(
      queue: QueuePolicy = QueuePolicy(), cache: CachePolicy = CachePolicy(),
      prices: [String: Price] = [:], file: String = "the configuration"
    ) {
      self.queue = queue
      self.cache = cache
      self.prices = prices
      self.file = file
    }
  }

  package internal(set) var rules: Rules
  /// Whose answers may be served.
  package internal(set) var origins: Origins
  /// A lane keeps its place for good: calls go by it.
  package internal(set) var lanes: [Lane]
  /// The lanes of the upstreams that are configured, in file order.
  package internal(set) var order: [Int]
  package internal(set) var accounts: ClientAccounts
  package internal(set) var isStopping = false
  package internal(set) var tally = Tally()
  var flights: [FlightID: Flight] = [:]
  var waiters: [RequestID: Waiter] = [:]
  /// The flight that a request with these keys may join.
  var joinable: [CacheKeys: FlightID] = [:]
  var deadlines = Deadlines()
  /// When which flight has rested.
  var rests = Rests()
  var dice: Dice
  var estimates = TokenEstimates()
  /// The requests that take a place in a queue.
  var room: WaitingRoom
  private var lastFlight: UInt64 = 0

  /// A state without anything under way, on a day on which the clients named have spent something;
  /// `seed` is for what is left to chance.
  package init(
    lanes: [Lane], rules: Rules = Rules(), day: Day = .endless, spent: [String: Spending] = [:],
    seed: UInt64 = 0
  ) {
    self.lanes = lanes
    order = Array(lanes.indices)
    self.rules = rules
    dice = Dice(seed: seed)
    accounts = ClientAccounts(day: day, spent: spent)
    room = WaitingRoom(limit: rules.queue.maxQueued)
    origins = Origins(lanes, mode: rules.cache.mode)
  }

  /// How many flights wait for a slot, in all lanes; those that rest are not among them.
  package var queued: Int { lanes.reduce(0) { $0 + $1.queue.count } }

  /// How many flights hold a slot, in all lanes.
  package var running: Int { lanes.reduce(0) { $0 + $1.running.count } }

  /// Whether a request with these keys would join one that is under way.
  package func canBeJoined(_ keys: CacheKeys) -> Bool { joinable[keys] != nil }

  /// Whether nothing is under way.
  package var isIdle: Bool { flights.isEmpty }

  // MARK: Arriving

  /// A client is going to ask, under these terms.
  package mutating func admit(_ terms: ClientTerms) -> ClientID { accounts.admit(terms) }

  /// A client is going to ask, under the terms of the so-manieth rules: earlier terms under its name
  /// are replaced, also for what waits.
  package mutating func admit(
    _ terms: ClientTerms, rules number: Int, now: Moment
  ) -> (client: ClientID, actions: [BrokerAction]) {
    let (client, isChanged) = accounts.admit(terms, rules: number)
    return (client, isChanged ? startNext(now: now) : [])
  }

  /// A request came that memory could not answer; its `control` is what the policy grants.
  package mutating func arrived(_ request: ChatRequest) -> [BrokerAction] {
    if isStopping { return refuse(request, .shuttingDown, Self.stoppingText) }
    let lane = lane(for: request.model, now: request.arrived)
    // A request that only the cache may answer needs no lane.
    guard let lane = lane ?? (request.control == .only ? Self.noLane : nil) else {
      return refuse(request, .noUpstream, noUpstreamText(for: request.model))
    }
    if request.control == .use, let flight = joinable[request.keys] {
      return join(flight, request)
    }
    return lead(request, lane)
  }

  /// A disk that takes longer to find an answer holds none.
  private static let longestLook = Duration.seconds(5)

  /// Stands for a lane where no call can come of a flight.
  static let noLane = -1

  /// A request came, and memory had got its answer in the meantime.
  package mutating func answeredFromMemory(
    _ request: ChatRequest, _ answer: CachedAnswer
  ) -> BrokerAction {
    tally.lateHits += 1
    let info = ReplyInfo.hit(
      answer, of: Self.info(request), upstream: origins.name(of: answer),
      now: request.arrived.wall)
    return .reply(request.id, .answer(answer, info))
  }

  private mutating func join(_ id: FlightID, _ request: ChatRequest) -> [BrokerAction] {
    waiters[request.id] = Waiter(flight: id, request: request, joined: true)
    flights[id]?.others.insert(request.id)
    let now = request.arrived
    enter(request, id, now: now)
    if let refusal = refusalToJoin(id, request, now: now) {
      return turnAway(request, refusal, now: now) + startNext(now: now)
    }
    if let stale = staleWhileWaiting(id, request.id, now: now) {
      return stale + startNext(now: now)
    }
    // In its turn the call may start at once.
    return addDeadlines(request) + startNext(now: now) + news(for: request.id, now: now)
      + replay(id, to: request.id)
  }

  private mutating func lead(_ request: ChatRequest, _ lane: Int) -> [BrokerAction] {
    lastFlight += 1
    let id = FlightID(rawValue: lastFlight)
    let isJoinable = request.control == .use
    flights[id] = Flight(lane: lane, leader: request.id, isJoinable: isJoinable)
    waiters[request.id] = Waiter(flight: id, request: request, joined: false)
    if isJoinable { joinable[request.keys] = id }
    let wake = addDeadlines(request)
    switch request.control {
    case .use where request.mayBeKept, .only: return wake + [.lookUp(id, request.keys)]
    case .use, .refresh, .bypass: return wake + enqueue(id, now: request.arrived)
    }
  }

  /// Notes until when a request may wait; the broker's own longest wait holds for everybody.
  private mutating func addDeadlines(_ request: ChatRequest) -> [BrokerAction] {
    let earliest = deadlines.earliest
    let start = request.arrived.monotonic
    if request.control == .use || request.control == .only {
      deadlines.add(start.advanced(by: Self.longestLook), request.id, .look)
    }
    deadlines.add(waitEnds(request), request.id, .wait)
    if let timeout = request.options.timeout {
      deadlines.add(start.advanced(seconds: timeout), request.id, .answer)
    }
    deadlines.sweep(living: waiters.count) { waiters[$0] != nil }
    guard let next = deadlines.earliest, earliest.map({ next < $0 }) ?? true else { return [] }
    return [.wake(next)]
  }

  // MARK: Looking

  /// The disk tier answered the leader's question; nil when it has nothing.
  package mutating func diskAnswered(
    _ id: FlightID, _ found: CachedAnswer?, now: Moment
  ) -> [BrokerAction] {
    guard let flight = flights[id], flight.stage == .looking else { return [] }
    var actions: [BrokerAction] = []
    if let found, origins.serve(found) {
      actions.append(.promote(found))
      for waiter in flight.waiters { actions += serve(waiter, found, now) }
      flights[id]?.standIn = found
    }
    // Those who asked for a fresher one, or came with a `max_age`, still wait.
    guard let leader = flights[id].flatMap({ waiters[$0.leader] }) else {
      return actions + startNext(now: now)
    }
    if leader.request.control == .only {
      return actions + end(id, now: now) { .failure(Self.notCached($0.request)) }
    }
    return actions + enqueue(id, now: now)
  }

  private mutating func serve(
    _ id: RequestID, _ answer: CachedAnswer, _ now: Moment
  ) -> [BrokerAction] {
    guard let request = waiters[id]?.request,
      answer.serves(request.control, maxAge: request.options.maxAge, now: now.wall)
    else { return [] }
    _ = leave(id, now: now)
    tally.diskHits += 1
    let info = ReplyInfo.hit(
      answer, of: Self.info(request), upstream: origins.name(of: answer), now: now.wall)
    return [.reply(id, .answer(answer, info))]
  }
}

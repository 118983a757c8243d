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
    /// Chunks have gone to it.
    var hasBegun = false
  }

  /// What the configuration says.
  package struct Rules: Sendable {
    package var queue: QueuePolicy
    package var cache: CachePolicy

    package init(queue: QueuePolicy = QueuePolicy(), cache: CachePolicy = CachePolicy()) {
      self.queue = queue
      self.cache = cache
    }
  }

  package let rules: Rules
  /// Whose answers may be served.
  package let origins: Origins
  package internal(set) var lanes: [Lane]
  package internal(set) var isStopping = false
  package internal(set) var tally = Tally()
  var flights: [FlightID: Flight] = [:]
  var waiters: [RequestID: Waiter] = [:]
  /// The flight that a request with these keys may join.
  var joinable: [CacheKeys: FlightID] = [:]
  var deadlines = Deadlines()
  private var lastFlight: UInt64 = 0

  package init(lanes: [Lane], rules: Rules = Rules()) {
    self.lanes = lanes
    self.rules = rules
    origins = Origins(lanes, mode: rules.cache.mode)
  }

  /// How many flights wait for a slot, in all lanes.
  package var queued: Int { lanes.reduce(0) { $0 + $1.queue.count } }

  /// How many flights hold a slot, in all lanes.
  package var running: Int { lanes.reduce(0) { $0 + $1.running.count } }

  /// Whether nothing is under way.
  package var isIdle: Bool { flights.isEmpty }

  // MARK: Arriving

  /// A request came that memory could not answer; its `control` is what the policy grants.
  package mutating func arrived(_ request: ChatRequest) -> [BrokerAction] {
    if isStopping { return refuse(request, .shuttingDown, Self.stoppingText) }
    let lane = lanes.firstIndex { $0.policy.serves(model: request.model) }
    // A request that only the cache may answer needs no lane.
    guard let lane = lane ?? (request.control == .only ? Self.noLane : nil) else {
      return refuse(request, .noUpstream, noUpstreamText(for: request.model))
    }
    if request.control == .use, let flight = joinable[request.keys] {
      return join(flight, request)
    }
    return lead(request, lane)
  }

  /// Stands for a lane where no call can come of a flight.
  private static let noLane = -1

  /// A request came, and memory had got its answer in the meantime.
  package mutating func answeredFromMemory(
    _ request: ChatRequest, _ answer: CachedAnswer
  ) -> BrokerAction {
    tally.lateHits += 1
    tally.save(answer.tokens)
    let info = ReplyInfo.hit(
      answer, of: Self.info(request), upstream: origins.name(of: answer),
      now: request.arrived.wall)
    return .reply(request.id, .answer(answer, info))
  }

  private mutating func join(_ id: FlightID, _ request: ChatRequest) -> [BrokerAction] {
    waiters[request.id] = Waiter(flight: id, request: request, joined: true)
    flights[id]?.waiters.insert(request.id)
    flights[id]?.classes[request.priority] += 1
    rank(id)
    return addDeadlines(request) + news(for: request.id) + replay(id, to: request.id)
  }

  private mutating func lead(_ request: ChatRequest, _ lane: Int) -> [BrokerAction] {
    lastFlight += 1
    let id = FlightID(rawValue: lastFlight)
    var flight = Flight(
      lane: lane, leader: request.id, waiters: [request.id], priority: request.priority,
      joinableAs: request.control == .use ? request.keys : nil)
    flight.classes[request.priority] = 1
    flights[id] = flight
    waiters[request.id] = Waiter(flight: id, request: request, joined: false)
    if let keys = flight.joinableAs { joinable[keys] = id }
    let wake = addDeadlines(request)
    switch request.control {
    case .use, .only: return wake + [.lookUp(id, request.keys)]
    case .refresh, .bypass: return wake + enqueue(id, now: request.arrived)
    }
  }

  /// Notes until when a request may wait; the broker's own longest wait holds for everybody.
  private mutating func addDeadlines(_ request: ChatRequest) -> [BrokerAction] {
    let earliest = deadlines.earliest
    let start = request.arrived.monotonic
    deadlines.add(waitEnds(request), request.id, .wait)
    if let timeout = request.options.timeout {
      deadlines.add(start.advanced(seconds: timeout), request.id, .answer)
    }
    deadlines.sweep(living: waiters.count) { waiters[$0] != nil }
    guard let next = deadlines.earliest, earliest.map({ next < $0 }) ?? true else { return [] }
    return [.wake(next)]
  }

  // MARK: Looking and queueing

  /// The disk tier answered the leader's question; nil when it has nothing.
  package mutating func diskAnswered(
    _ id: FlightID, _ found: CachedAnswer?, now: Moment
  ) -> [BrokerAction] {
    guard let flight = flights[id], flight.stage == .looking else { return [] }
    var actions: [BrokerAction] = []
    if let found, origins.serve(found) {
      actions.append(.promote(found))
      for waiter in flight.waiters { actions += serve(waiter, found, now) }
    }
    // Those who asked for a fresher one, or came with a `max_age`, still wait.
    guard let leader = flights[id].flatMap({ waiters[$0.leader] }) else { return actions }
    if leader.request.control == .only {
      return actions + end(id) { .failure(Self.notCached($0.request)) }
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
    tally.save(answer.tokens)
    let info = ReplyInfo.hit(
      answer, of: Self.info(request), upstream: origins.name(of: answer), now: now.wall)
    return [.reply(id, .answer(answer, info))]
  }

  private mutating func enqueue(_ id: FlightID, now: Moment) -> [BrokerAction] {
    guard let flight = flights[id] else { return [] }
    guard queued < rules.queue.maxQueued else {
      let retryAfter = lanes[flight.lane].retryAfter
      let limit = rules.queue.maxQueued
      return end(id) { waiter in
        var error = Self.error(
          .queueFull, "the queue is full: \(limit) requests wait; try again later", waiter.request)
        error.info.retryAfter = retryAfter
        return .failure(error)
      }
    }
    flights[id]?.stage = .queued
    lanes[flight.lane].queue.insert(id, flight.priority)
    let started = startNext(flight.lane, now: now)
    // Who starts at once has not waited.
    guard flights[id]?.stage == .queued else { return started }
    let late = flight.waiters.compactMap { waiters[$0]?.request }
      .filter { waitEnds($0) <= now.monotonic }
    return started + news(of: id) + late.flatMap { tooLate($0, now: now) }
  }

  /// Fills the free slots of a lane.
  mutating func startNext(_ lane: Int, now: Moment) -> [BrokerAction] {
    var actions: [BrokerAction] = []
    while !isStopping, let next = lanes[lane].next(rules.queue) {
      guard let leader = flights[next].flatMap({ waiters[$0.leader]?.request }) else { continue }
      lanes[lane].grant(next, ownClass: leader.priority)
      flights[next]?.stage = .running(since: now.monotonic, firstByte: nil)
      let expectation = AnswerReader.Expectation(
        streams: leader.streams, storage: leader.storage, key: nil)
      actions.append(.start(next, lane: lane, body: leader.body, expectation))
      actions += news(of: next)
    }
    return actions
  }

  /// Puts a flight into the best class among those who wait for it.
  mutating func rank(_ id: FlightID) {
    guard let flight = flights[id], let best = flight.classes.best, best != flight.priority
    else { return }
    flights[id]?.priority = best
    if flight.stage == .queued { lanes[flight.lane].queue.move(id, to: best) }
  }
}

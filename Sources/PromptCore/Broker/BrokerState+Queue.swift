package import PromptProtocol

/// How flights come into the queue, move in it, and start.
extension BrokerState {
  // MARK: Coming in

  /// Puts a flight into the queue, and starts what may start.
  mutating func enqueue(_ id: FlightID, now: Moment) -> [BrokerAction] {
    rank(id, now: now)
    if let broke = turnAwayWithoutBudget(id, now: now) { return broke }
    flights[id]?.stage = .queued
    place(id, now: now)
    let started = startNext(now: now)
    // What starts at once waits for nothing, and needs no room to do so.
    guard flights[id]?.stage == .queued else { return started }
    var refused: [BrokerAction] = []
    // In order of arrival, so that who came last finds no place.
    for request in requests(of: id) {
      refused += refusal(of: request, now: now).map { turnAway(request, $0, now: now) } ?? []
    }
    return started + refused + news(of: id, now: now) + startNext(now: now)
  }

  /// Gives a request of a queued flight a place among those that wait, or says why it shall not.
  mutating func refusal(of request: ChatRequest, now: Moment) -> WireError? {
    lateness(of: request, now: now) ?? enterQueue(request, now: now)
  }

  /// Gives a request a place among those that wait, or says why there is none.
  private mutating func enterQueue(_ request: ChatRequest, now: Moment) -> WireError? {
    let guest = WaitingRoom.Guest(request.account, request.keys)
    let lane = waiters[request.id].flatMap { flights[$0.flight]?.lane }
    let interval = lane.flatMap { lanes[$0].interval(for: request.priority, rules.queue) } ?? 1000
    if let most = accounts[request.account].waiting.limit {
      // Its own requests leave the queue as fast as its share of the slots allows.
      let share = lane.map { lanes[$0].queue.share(of: request.account) } ?? 1
      let own = interval / share
      if !accounts[request.account].waiting.enter(guest, every: own, now: now.monotonic) {
        let seconds = accounts[request.account].waiting
          .promise(guest, every: own, now: now.monotonic)
        return full(request, "\(most) requests of this client wait (max_queued)", seconds)
      }
    } else {
      _ = accounts[request.account].waiting.enter(guest, every: interval, now: now.monotonic)
    }
    guard !room.enter(guest, every: interval, now: now.monotonic) else {
      waiters[request.id]?.isQueued = true
      return nil
    }
    accounts[request.account].waiting.leave()
    let seconds = room.promise(guest, every: interval, now: now.monotonic)
    return full(request, "\(room.limit ?? 0) requests wait (queue.max_queued)", seconds)
  }

  private func full(_ request: ChatRequest, _ reason: String, _ seconds: Double) -> WireError {
    var error = Self.error(
      .queueFull, "the queue is full: \(reason); try again after retry_after", request)
    error.info.retryAfter = seconds
    return error
  }

  /// Ends a flight that nobody can pay for; nil when somebody can. Who cannot, but waits for what
  /// another pays for, gets it for nothing, as from the cache.
  private mutating func turnAwayWithoutBudget(_ id: FlightID, now: Moment) -> [BrokerAction]? {
    guard let leader = flights[id].flatMap({ waiters[$0.leader]?.request }),
      budgetFault(leader, now: now) != nil
    else { return nil }
    var actions: [BrokerAction] = []
    for request in requests(of: id) {
      guard let refusal = budgetFault(request, now: now) else { continue }
      actions += turnAway(request, refusal, now: now)
    }
    return actions
  }

  private func hasBudget(_ request: ChatRequest) -> Bool {
    let account = accounts[request.account]
    return account.spent.excess(of: account.terms.limits) == nil
  }

  private func budgetFault(_ request: ChatRequest, now: Moment) -> WireError? {
    let account = accounts[request.account]
    guard let excess = account.spent.excess(of: account.terms.limits) else { return nil }
    var error = Self.error(
      .budgetExceeded,
      "the budget of \(request.client) for \(accounts.day.name) is used up: \(excess); the next "
        + "day's begins after retry_after", request)
    error.info.retryAfter = accounts.day.secondsLeft(at: now.wall)
    return error
  }

  /// Ends a request that is not let in; the others of its flight stay.
  mutating func turnAway(_ request: ChatRequest, _ error: WireError, now: Moment) -> [BrokerAction]
  {
    tally.errors += 1
    return [.reply(request.id, .failure(error))] + leave(request.id, now: now)
  }

  /// What is said at once to a request that would wait for longer than it may.
  private func lateness(of request: ChatRequest, now: Moment) -> WireError? {
    guard let id = waiters[request.id]?.flight, let flight = flights[id] else { return nil }
    let ends = waitEnds(request)
    if ends <= now.monotonic { return tooLate(request, now: now) }
    let left = ends.milliseconds(since: now.monotonic)
    guard let eta = eta(of: flight, id, now: now), eta > left else { return nil }
    var error = Self.error(
      .queueFull,
      "the request would wait about \(eta) ms, which is longer than max_wait allows (\(left) ms); "
        + "try again after retry_after", request)
    error.info.retryAfter = max(1, (Double(eta - left) / 1000).rounded(.up))
    return error
  }

  /// Milliseconds until a queued flight is likely to start; nil where that cannot be told.
  private func eta(of flight: Flight, _ id: FlightID, now: Moment) -> Int? {
    guard lanes[flight.lane].meanCall != nil,
      let position = lanes[flight.lane].queue.position(of: id)
    else { return nil }
    return eta(of: flight, at: position, now: now)
  }

  /// The same for a flight whose place is known. It goes by the flight's class, which is that of the
  /// best who waits for it.
  func eta(of flight: Flight, at position: Int, now: Moment) -> Int? {
    let priority = waiters[flight.leader]?.request.priority ?? .idle
    return lanes[flight.lane].eta(of: position, priority, rules.queue, now: now.monotonic)
  }

  /// A request waits in the queue no more: it starts, or leaves.
  mutating func leaveQueue(_ request: RequestID) {
    guard let waiter = waiters[request], waiter.isQueued else { return }
    waiters[request]?.isQueued = false
    accounts[waiter.request.account].waiting.leave()
    room.leave()
  }

  private func requests(of id: FlightID) -> [ChatRequest] {
    guard let flight = flights[id] else { return [] }
    if flight.others.isEmpty { return waiters[flight.leader].map { [$0.request] } ?? [] }
    return flight.waiters.compactMap { waiters[$0]?.request }
      .sorted { $0.arrived.monotonic < $1.arrived.monotonic }
  }

  // MARK: Moving

  /// Makes the best of those who wait the leader of a flight that has not begun, and puts it where
  /// that one's class, client and arrival say.
  mutating func rank(_ id: FlightID, now: Moment) {
    guard let flight = flights[id], !flight.isRunning, let best = best(of: flight) else { return }
    if best != flight.leader { flights[id]?.lead(best) }
    if waiters[best]?.joined == true {
      // A call that has not begun is made for the leader, who may read it from the start.
      waiters[best]?.joined = false
    }
    if flight.stage == .queued { place(id, now: now) }
  }

  /// The best of those who wait: of those who can pay by class, and then by arrival.
  private func best(of flight: Flight) -> RequestID? {
    flight.others.isEmpty ? flight.leader : best(among: flight.others.union([flight.leader]))
  }

  func best(among requests: Set<RequestID>) -> RequestID? {
    func rank(_ id: RequestID) -> (Int, PriorityClass, Int64) {
      guard let request = waiters[id]?.request else { return (0, .idle, .min) }
      let arrived = request.arrived.monotonic.nanoseconds
      return (hasBudget(request) ? 1 : 0, request.priority, -arrived)
    }
    return requests.max { rank($0) < rank($1) }
  }

  private mutating func place(_ id: FlightID, now: Moment) {
    guard let flight = flights[id], let leader = waiters[flight.leader]?.request else { return }
    if let old = lanes[flight.lane].queue.entry(of: id), old.client == leader.account,
      old.priority == leader.priority, old.arrived == leader.arrived.monotonic
    {
      return
    }
    let entry = LaneQueue.Entry(
      client: leader.account, priority: leader.priority, arrived: leader.arrived.monotonic,
      // More than a minute's tokens count as a minute's: what a caller writes must not hold up others.
      tokens: min(estimates.tokens(for: leader), lanes[flight.lane].policy.tokensPerMinute ?? .max))
    lanes[flight.lane].queue.insert(
      id, entry, weight: accounts[leader.account].terms.weight, now: now.monotonic)
  }

  /// Gives a request another class; false when it is not under way, or its call has begun.
  package mutating func moved(
    _ request: RequestID, to priority: PriorityClass, now: Moment
  ) -> [BrokerAction]? {
    guard let waiter = waiters[request], flights[waiter.flight]?.isRunning == false else {
      return nil
    }
    waiters[request]?.request = waiter.request.moved(to: priority)
    rank(waiter.flight, now: now)
    return startNext(now: now) + news(for: request, now: now)
  }

  // MARK: Starting

  /// Fills the free slots of all lanes: what ends in one may let its client start in another.
  mutating func startNext(now: Moment) -> [BrokerAction] {
    guard !isStopping else { return [] }
    var actions: [BrokerAction] = []
    var hasStarted: Bool
    repeat {
      hasStarted = false
      for lane in lanes.indices {
        while let next = next(lane, now: now) {
          hasStarted = true
          actions += start(next, lane, now: now)
        }
      }
      // What a client starts in one lane takes of its limits, and may let others go before it in
      // another.
    } while hasStarted && lanes.count > 1
    return actions + lanes.compactMap { $0.opens.map(BrokerAction.wake) }
  }

  private mutating func next(_ lane: Int, now: Moment) -> LaneQueue.Candidate? {
    let accounts = accounts
    return lanes[lane].next(rules.queue, now: now.monotonic) { client, tokens in
      accounts.hindrance(client, tokens: tokens, now: now.monotonic)
    }
  }

  private mutating func start(
    _ next: LaneQueue.Candidate, _ lane: Int, now: Moment
  ) -> [BrokerAction] {
    guard let flight = flights[next.flight], let leader = waiters[flight.leader]?.request else {
      lanes[lane].queue.remove(next.flight, now: now.monotonic)
      return []
    }
    // The budget may have been used up while it waited; then perhaps another pays, in its own turn.
    if !hasBudget(leader) {
      rank(next.flight, now: now)
      return flights[next.flight]?.leader == leader.id
        ? turnAwayWithoutBudget(next.flight, now: now) ?? [] : []
    }
    let receipt = accounts.start(next.client, tokens: next.tokens, now: now.monotonic)
    lanes[lane].grant(next, clientReceipt: receipt, now: now.monotonic)
    for waiter in flight.waiters { leaveQueue(waiter) }
    flights[next.flight]?.stage = .running(since: now.monotonic, firstByte: nil)
    let expectation = AnswerReader.Expectation(
      streams: leader.streams, storage: leader.storage, key: nil)
    return [.start(next.flight, lane: lane, body: leader.body, expectation)]
      + news(of: next.flight, now: now)
  }

  /// Takes a flight's slot back, if it holds one; `used` are the tokens that its call took.
  mutating func release(_ id: FlightID, _ lane: Int, used: Int?) -> Bool {
    guard lanes.indices.contains(lane), let slot = lanes[lane].release(id, used: used) else {
      return false
    }
    accounts.end(slot, used: used)
    return true
  }

  // MARK: Pausing

  /// Stops a lane from starting calls, or lets it again; what runs goes on.
  package mutating func paused(_ lane: Int, _ isPaused: Bool, now: Moment) -> [BrokerAction] {
    guard lanes.indices.contains(lane) else { return [] }
    lanes[lane].isPaused = isPaused
    return startNext(now: now)
  }
}

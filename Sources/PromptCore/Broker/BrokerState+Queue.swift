package import PromptProtocol

/// How flights come into the queue, where those who wait stand in it, and how calls start.
extension BrokerState {
  // MARK: Coming in

  /// Puts a flight into the queue, and starts what may start.
  mutating func enqueue(_ id: FlightID, now: Moment) -> [BrokerAction] {
    let stale = chooseLane(id, now: now)
    guard flights[id] != nil else { return stale + startNext(now: now) }
    flights[id]?.stage = .queued
    let unpaid = stale + settle(id, now: now)
    let started = startNext(now: now)
    // What starts at once waits for nothing, and needs no room to do so.
    guard flights[id]?.stage == .queued else { return unpaid + started }
    var refused: [BrokerAction] = []
    // In order of arrival, so that who came last finds no place. Whoever could pay may be turned
    // away, and then the others are gone with it.
    for request in requests(of: id) where waiters[request.id] != nil {
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

  private func hasBudget(_ request: ChatRequest) -> Bool {
    let account = accounts[request.account]
    return account.spent.excess(of: account.terms.limits) == nil
  }

  private static func withoutBudget(
    _ request: ChatRequest, in accounts: ClientAccounts, now: Moment
  ) -> WireError {
    let account = accounts[request.account]
    let excess = account.spent.excess(of: account.terms.limits).map { ": \($0)" } ?? ""
    var error = error(
      .budgetExceeded,
      "the budget of \(request.client) for \(accounts.day.name) is used up\(excess); the next "
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
    let ends = waitEnds(request)
    if ends <= now.monotonic { return tooLate(request, now: now) }
    let left = ends.milliseconds(since: now.monotonic)
    guard let eta = outlook(request.id, isTimed: true, now: now)?.eta, eta > left else {
      return nil
    }
    var error = Self.error(
      .queueFull,
      "the request would wait about \(eta) ms, which is longer than max_wait allows (\(left) ms); "
        + "try again after retry_after", request)
    error.info.retryAfter = max(1, (Double(eta - left) / 1000).rounded(.up))
    return error
  }

  /// The place of a request that waits for a slot, and the milliseconds until its call is likely to
  /// start, nil where that cannot be told: by its own turn, or by that of the best who waits for the
  /// same. Nil when it does not wait, or when there `isTimed` but no time can be told.
  func outlook(
    _ request: RequestID, isTimed: Bool = false, now: Moment
  ) -> (position: Int, eta: Int?)? {
    guard let flight = waiters[request].flatMap({ flights[$0.flight] }),
      flight.stage == .queued, !isTimed || lanes[flight.lane].meanCall != nil
    else { return nil }
    let lane = lanes[flight.lane]
    let turns = (request == flight.leader ? [request] : [request, flight.leader])
      .compactMap { turn in lane.queue.position(of: turn).map { (turn, $0) } }
    guard let (first, position) = turns.min(by: { $0.1 < $1.1 }) else { return nil }
    return (position, eta(at: position, first, lane, now: now))
  }

  /// Milliseconds until a request at a place is likely to start.
  func eta(at position: Int, _ request: RequestID, _ lane: Lane, now: Moment) -> Int? {
    let priority = waiters[request]?.request.priority ?? .idle
    return lane.eta(of: position, priority, rules.queue, now: now.monotonic)
  }

  /// A request waits in the queue no more: it starts, or leaves.
  mutating func leaveQueue(_ request: RequestID, _ lane: Int, now: Moment) {
    if lanes.indices.contains(lane) { lanes[lane].queue.remove(request, now: now.monotonic) }
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

  // MARK: Places

  /// Gives a flight its leader. One in the queue for which nobody has a place gets places for those
  /// who can pay, and ends when nobody can; who cannot, but waits for what another pays for, gets it
  /// for nothing, as from the cache.
  mutating func settle(_ id: FlightID, now: Moment) -> [BrokerAction] {
    guard let flight = flights[id] else { return [] }
    var best = best(of: flight)
    if best == nil {
      for request in requests(of: id) where hasBudget(request) { place(request, flight.lane, now) }
      best = self.best(of: flight)
    }
    if let best {
      lead(id, best)
      return []
    }
    return end(id, now: now) { [accounts] waiter in
      .failure(Self.withoutBudget(waiter.request, in: accounts, now: now))
    }
  }

  /// Gives who joins a flight in the queue a place, if it can pay.
  mutating func enter(_ request: ChatRequest, _ id: FlightID, now: Moment) {
    guard let flight = flights[id], flight.stage == .queued, hasBudget(request) else { return }
    place(request, flight.lane, now)
    if rank(flight.leader) < rank(request.id) { lead(id, request.id) }
  }

  private mutating func place(_ request: ChatRequest, _ lane: Int, _ now: Moment) {
    let entry = LaneQueue.Entry(
      client: request.account, priority: request.priority, arrived: request.arrived.monotonic,
      // More than a minute's tokens count as a minute's: what a caller writes must not hold up others.
      tokens: min(estimates.tokens(for: request), lanes[lane].policy.tokensPerMinute ?? .max),
      counts: lanes[lane].queue.entry(of: request.id)?.counts ?? false)
    lanes[lane].queue.insert(
      request.id, entry, weight: accounts[request.account].terms.weight, now: now.monotonic)
  }

  /// Makes one who waits the leader of a flight, for whom it is counted in the queue.
  mutating func lead(_ id: FlightID, _ request: RequestID) {
    guard let flight = flights[id] else { return }
    flights[id]?.lead(request)
    guard flight.stage == .queued else { return }
    lanes[flight.lane].queue.setCounts(false, flight.leader)
    lanes[flight.lane].queue.setCounts(true, request)
  }

  /// The best of those who wait, by class and then by arrival: in the queue of those who have a
  /// place there, else of those who can pay.
  private func best(of flight: Flight) -> RequestID? {
    if flight.others.isEmpty, flight.stage != .queued { return flight.leader }
    let lane = flight.stage == .queued ? lanes[flight.lane] : nil
    let candidates = flight.waiters.filter { id in
      if let lane { return lane.queue.entry(of: id) != nil }
      return waiters[id].map { hasBudget($0.request) } == true
    }
    let all = candidates.isEmpty && lane == nil ? flight.waiters : candidates
    return all.max { rank($0) < rank($1) }
  }

  private func rank(_ id: RequestID) -> (PriorityClass, Int64) {
    guard let request = waiters[id]?.request else { return (.idle, .min) }
    return (request.priority, -request.arrived.monotonic.nanoseconds)
  }

  /// Gives a request another class; nil when it is not under way, or its call has begun.
  package mutating func moved(
    _ request: RequestID, to priority: PriorityClass, now: Moment
  ) -> [BrokerAction]? {
    guard let waiter = waiters[request], let flight = flights[waiter.flight], !flight.isRunning
    else { return nil }
    let changed = waiter.request.moved(to: priority)
    waiters[request]?.request = changed
    guard flight.stage == .queued else { return [] }
    if lanes[flight.lane].queue.entry(of: request) != nil { place(changed, flight.lane, now) }
    return settle(waiter.flight, now: now) + startNext(now: now) + news(for: request, now: now)
  }

  // MARK: Starting

  /// Fills the free slots of all lanes: what ends in one may let its client start in another.
  mutating func startNext(now: Moment) -> [BrokerAction] {
    guard !isStopping else { return [] }
    var actions = moveOn(now: now)
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
    guard let waiter = waiters[next.request], flights[waiter.flight] != nil else {
      lanes[lane].queue.remove(next.request, now: now.monotonic)
      return []
    }
    let (id, request) = (waiter.flight, waiter.request)
    // The budget may have been used up while it waited; then perhaps another pays, in its own turn.
    guard hasBudget(request) else {
      lanes[lane].queue.remove(next.request, now: now.monotonic)
      return settle(id, now: now)
    }
    lead(id, request.id)
    // The call is made for it, who may read it from the start; the others share it, whoever came first.
    for other in flights[id]?.others ?? [] { waiters[other]?.joined = true }
    waiters[request.id]?.joined = false
    let receipt = accounts.start(next.client, tokens: next.tokens, now: now.monotonic)
    lanes[lane].grant(next, id, clientReceipt: receipt, now: now.monotonic)
    for waiter in flights[id]?.waiters ?? [] { leaveQueue(waiter, lane, now: now) }
    flights[id]?.stage = .running(since: now.monotonic, firstByte: nil)
    flights[id]?.attempts += 1
    let change = lanes[lane].health.began(id, now: now.monotonic)
    if change == .probing { flights[id]?.probes += 1 }
    let told = change.map { [BrokerAction.upstream(lanes[lane].policy.name, $0)] } ?? []
    let expectation = AnswerReader.Expectation(
      streams: request.streams, storage: request.storage, key: nil)
    return told + [.start(id, lane: lane, body: request.body, expectation)]
      + news(of: id, now: now)
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
    // Whoever looks after the upstream knows better than what was learnt before.
    if !isPaused { lanes[lane].health.hasten(now: now.monotonic) }
    return startNext(now: now)
  }
}

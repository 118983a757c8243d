package import PromptProtocol

/// How calls end, and how those who wait for them do.
extension BrokerState {
  // MARK: The call

  /// The call is over, and its slot free.
  package mutating func callEnded(
    _ id: FlightID, _ outcome: AnswerOutcome, now: Moment
  ) -> [BrokerAction] {
    guard let flight = flights[id], let leader = waiters[flight.leader]?.request,
      lanes[flight.lane].running[id] != nil
    else { return [] }
    let taken = taken(by: outcome, flight, leader)
    _ = release(id, flight.lane, used: taken?.total ?? 0)
    let cost = taken.map { charge(leader, $0) } ?? 0
    let times = CallTimes(flight, now: now.monotonic)
    let upstream = lanes[flight.lane].policy.name
    var actions = learn(from: outcome.fault, of: id, flight, took: times.upstream, now: now)
    switch outcome {
    case .failed(let fault):
      let tokens = taken ?? TokenCount()
      var record = record(flight, leader, times, tokens: tokens, cost: cost, error: fault.error)
      let (error, next) = nextTry(id, fault, now: now)
      if let next {
        record.isRetried = true
        return actions + [.note(record)] + tryAgain(id, next, fault, times, now: now)
          + startNext(now: now)
      }
      actions.append(.note(record))
      if fault.isUpstreamFailure { actions += serveStandIn(id, now: now) }
      actions += end(id, now: now) { waiter in
        .failure(Self.fill(error, with: Self.info(waiter.request), times, waiter, upstream, flight))
      }
    case .completed(let completed):
      let tokens = taken ?? completed.tokens
      estimates.note(leader.model, completion: tokens.completion, choices: leader.size.choices)
      let refusal = refusal(of: completed, leader)
      count(refusal)
      let answer = answer(completed, flight, leader, took: times.upstream, cost: cost, now: now)
      if refusal == nil {
        let onDisk = !completed.isMadeUp || rules.cache.keepSandbox
        actions.append(.keep(answer, onDisk: onDisk))
      }
      actions.append(
        .note(
          record(flight, leader, times, tokens: tokens, cost: cost, notStored: refusal)))
      let told = rules.prices[leader.model] == nil ? nil : cost
      actions += end(id, now: now) { waiter in
        .answer(
          answer, Self.info(waiter, leader, answer, times, upstream, flight, cost: told))
      }
    }
    return actions + startNext(now: now)
  }

  /// The tokens that a call took; nil for one that was refused, or failed before it gave anything.
  private func taken(
    by outcome: AnswerOutcome, _ flight: Flight, _ leader: ChatRequest
  ) -> TokenCount? {
    switch outcome {
    case .failed: flight.chunks.isEmpty ? nil : Self.guess(flight, leader)
    case .completed(let completed) where completed.tokens.total > 0: completed.tokens
    case .completed: Self.guess(flight, leader)
    }
  }

  /// What a call took that nobody has counted: the prompt was sent, and of the answer about a token
  /// came with each chunk.
  private static func guess(_ flight: Flight, _ leader: ChatRequest) -> TokenCount {
    TokenCount(prompt: leader.size.promptTokens, completion: flight.chunks.count)
  }

  /// Charges whoever pays for a call, and says what it cost.
  private mutating func charge(_ leader: ChatRequest, _ tokens: TokenCount) -> Double {
    let cost = rules.prices[leader.model]?.cost(of: tokens) ?? 0
    accounts.charge(leader.account, tokens, cost: cost)
    return cost
  }

  private func refusal(of completed: CompletedAnswer, _ leader: ChatRequest) -> NotStored? {
    if leader.control == .bypass { return .notAsked }
    if let refusal = completed.refusal { return refusal }
    return completed.completion.count > rules.cache.maxEntry ? .tooLarge : nil
  }

  private mutating func count(_ refusal: NotStored?) {
    if let refusal {
      tally.notStored[refusal, default: 0] += 1
    } else {
      tally.stored += 1
    }
  }

  private func answer(
    _ completed: CompletedAnswer, _ flight: Flight, _ leader: ChatRequest, took: Int, cost: Double,
    now: Moment
  ) -> CachedAnswer {
    // The shortest life that anybody asked for holds for all.
    let asked = flight.waiters.compactMap { waiters[$0]?.request.options.ttl }.min()
    let life = asked ?? Double(rules.cache.ttl.components.seconds)
    return CachedAnswer(
      keys: leader.keys, completion: completed.completion, boundaries: completed.boundaries,
      model: leader.model, origin: lanes[flight.lane].origin, client: leader.client,
      created: now.wall, expires: now.wall + Int64(life * 1000), tokens: completed.tokens,
      took: took, cost: cost, request: leader.canonical, replaces: leader.control == .refresh)
  }

  private func record(
    _ flight: Flight, _ leader: ChatRequest, _ times: CallTimes,
    tokens: TokenCount = TokenCount(), cost: Double = 0, notStored: NotStored? = nil,
    error: WireError? = nil
  ) -> CallRecord {
    CallRecord(
      request: leader.id, client: leader.client, asker: leader.asker, day: accounts.day.name,
      model: leader.model, key: leader.keys.key, priority: leader.priority,
      upstream: lanes[flight.lane].policy.name,
      label: leader.options.label, cache: Self.outcome(leader.control), attempt: flight.attempts,
      queued: times.queued(leader.arrived), firstByte: times.firstByte,
      upstreamTime: times.upstream, tokens: tokens, cost: cost, notStored: notStored,
      status: error?.info.status, error: error?.name, message: error?.message)
  }

  // MARK: Leaving

  /// The client gave a request up; nothing is said to it.
  package mutating func left(_ request: RequestID, now: Moment) -> [BrokerAction] {
    leave(request, now: now) + startNext(now: now)
  }

  /// Somebody cancelled a request whose client still listens.
  package mutating func cancelled(_ request: RequestID, now: Moment) -> [BrokerAction] {
    guard let waiter = waiters[request] else { return [] }
    return drop(waiter.request, .cancelled, "the request was cancelled", now: now)
      + startNext(now: now)
  }

  /// The client that waits for a request, or nil.
  package func client(of request: RequestID) -> String? { waiters[request]?.request.client }

  private mutating func drop(
    _ request: ChatRequest, _ name: ErrorName, _ text: String, now: Moment
  ) -> [BrokerAction] {
    turnAway(request, Self.error(name, text, request), now: now)
  }

  /// Takes a request out of its flight. The last one leaving ends the flight; the leader leaving
  /// passes it to the best of the others. What may start then is left to `startNext`, which each
  /// event calls once it is done: a backlog that leaves must not start one within the other.
  mutating func leave(_ request: RequestID, now: Moment) -> [BrokerAction] {
    guard let waiter = waiters[request] else { return [] }
    let id = waiter.flight
    leaveQueue(request, flights[id]?.lane ?? Self.noLane, now: now)
    waiters[request] = nil
    guard let flight = flights[id] else { return [] }
    guard flight.leader == request else {
      flights[id]?.others.remove(request)
      return []
    }
    guard let heir = flight.others.first else {
      return forget(id, last: waiter.request, now: now)
    }
    lead(id, heir)
    flights[id]?.others.remove(request)
    return settle(id, now: now)
  }

  /// Ends a flight for which nobody waits any more; `last` was the last who did.
  private mutating func forget(
    _ id: FlightID, last: ChatRequest, now: Moment
  ) -> [BrokerAction] {
    guard let flight = remove(id, last.keys, now: now) else { return [] }
    return flight.isRunning ? giveUp(id, flight, last, now: now) : []
  }

  /// Gives up a call, for which nobody waits any more.
  private mutating func giveUp(
    _ id: FlightID, _ flight: Flight, _ leader: ChatRequest, now: Moment
  ) -> [BrokerAction] {
    let tokens = Self.guess(flight, leader)
    guard release(id, flight.lane, used: tokens.total) else { return [] }
    let slots = lanes[flight.lane].policy.maxConcurrent
    lanes[flight.lane].health.gaveUp(id, slots: slots, now: now.monotonic)
    let error = Self.error(.cancelled, "the call was given up: nobody waits for it", leader)
    let cost = charge(leader, tokens)
    let times = CallTimes(flight, now: now.monotonic)
    let record = record(flight, leader, times, tokens: tokens, cost: cost, error: error)
    return [.abort(id), .note(record)]
  }

  /// Takes a flight out that has `keys`.
  private mutating func remove(_ id: FlightID, _ keys: CacheKeys, now: Moment) -> Flight? {
    guard let flight = flights.removeValue(forKey: id) else { return nil }
    if flight.isJoinable { joinable[keys] = nil }
    return flight
  }

  /// Ends a flight with a reply to each who waits for it, in order of arrival.
  mutating func end(
    _ id: FlightID, now: Moment, _ reply: (Waiter) -> ChatReply
  ) -> [BrokerAction] {
    guard let keys = flights[id].flatMap({ waiters[$0.leader]?.request.keys }),
      let flight = remove(id, keys, now: now)
    else { return [] }
    for waiter in flight.waiters { leaveQueue(waiter, flight.lane, now: now) }
    let ended = flight.waiters.compactMap { waiters.removeValue(forKey: $0) }
      .sorted { $0.request.arrived.monotonic < $1.request.arrived.monotonic }
    return ended.map { waiter in
      let reply = reply(waiter)
      count(reply)
      return .reply(waiter.request.id, reply)
    }
  }

  private mutating func count(_ reply: ChatReply) {
    switch reply {
    case .failure: tally.errors += 1
    case .answer(_, let info):
      switch info.cache {
      case .joined: tally.joined += 1
      default: tally.misses += 1
      }
    }
  }

  // MARK: Time

  /// The time came that `.wake` named, or a later one.
  package mutating func ticked(now: Moment) -> [BrokerAction] {
    var actions: [BrokerAction] = []
    for due in deadlines.due(at: now.monotonic) {
      guard let waiter = waiters[due.request], let flight = flights[waiter.flight] else { continue }
      let request = waiter.request
      let waited = now.monotonic.milliseconds(since: request.arrived.monotonic)
      switch (due.kind, flight.stage) {
      case (.look, .looking): actions += diskAnswered(waiter.flight, nil, now: now)
      case (.look, _): continue
      // Who still looks on disk waits for nothing yet: `enqueue` asks again.
      case (.wait, .running), (.wait, .looking): continue
      case (.wait, .queued) where waitEnds(request) > now.monotonic,
        (.wait, .resting) where waitEnds(request) > now.monotonic:
        // It may wait longer since.
        deadlines.add(waitEnds(request), request.id, .wait)
      case (.wait, .queued), (.wait, .resting):
        actions +=
          serveStandIn(to: request.id, now: now)
          ?? turnAway(request, tooLate(request, now: now), now: now)
      case (.answer, _):
        if let stale = serveStandIn(to: request.id, now: now) {
          actions += stale
          continue
        }
        let place = flight.isRunning ? "upstream" : "in the queue"
        let text =
          "there was no answer after \(waited) ms in all, as long as timeout allows; it was \(place)"
        actions += drop(request, .deadlineExceeded, text + triedBefore(request, now: now), now: now)
      }
    }
    actions += endRests(now: now)
    actions += startNext(now: now)
    return actions + [deadlines.earliest, rests.earliest].compactMap { $0.map { .wake($0) } }
  }

  /// Until when a request may wait in the queue.
  func waitEnds(_ request: ChatRequest) -> MonotonicTime {
    let start = request.arrived.monotonic
    return request.options.maxWait.map { start.advanced(seconds: $0) }
      ?? start.advanced(by: rules.queue.maxWait)
  }

  /// What is said to a request that has waited in the queue as long as it may.
  func tooLate(_ request: ChatRequest, now: Moment) -> WireError {
    let waited = now.monotonic.milliseconds(since: request.arrived.monotonic)
    return Self.error(
      .deadlineExceeded,
      "the request waited \(waited) ms in the queue, as long as max_wait allows"
        + pause(of: request) + triedBefore(request, now: now), request)
  }

  /// Says that an administrator keeps a request from being started; empty where nobody does.
  private func pause(of request: ChatRequest) -> String {
    guard let flight = waiters[request.id].flatMap({ flights[$0.flight] }),
      lanes[flight.lane].isPaused
    else { return "" }
    return ": \(lanes[flight.lane].policy.name) is paused by an administrator (queue.resume)"
  }

  /// No new requests from now on: what has no slot is answered, what runs may finish.
  package mutating func stopping(now: Moment) -> [BrokerAction] {
    isStopping = true
    let idle = flights.filter { !$0.value.isRunning }
    return idle.keys.sorted().flatMap { id in
      end(id, now: now) { .failure(Self.error(.shuttingDown, Self.stoppingText, $0.request)) }
    }
  }

  /// The time to finish is over: what still runs is given up.
  package mutating func stopped(now: Moment) -> [BrokerAction] {
    flights.keys.sorted().flatMap { id -> [BrokerAction] in
      guard let flight = flights[id], let leader = waiters[flight.leader]?.request else {
        return []
      }
      let givenUp = giveUp(id, flight, leader, now: now)
      return givenUp
        + end(id, now: now) { .failure(Self.error(.shuttingDown, Self.stoppingText, $0.request)) }
    }
  }

  /// A new local day begins: budgets begin anew.
  package mutating func dayBegan(_ day: Day) { accounts.begin(day) }
}

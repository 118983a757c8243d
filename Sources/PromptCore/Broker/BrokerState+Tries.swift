import PromptProtocol

/// How calls that failed are made again, and which upstream makes them.
extension BrokerState {
  /// What comes after a call that failed and may end otherwise the next time.
  enum NextTry: Equatable {
    /// It goes to the queue of this lane.
    case atOnce(Int)
    /// The upstream wants no call before then: its lane keeps all that wait.
    case held(until: MonotonicTime)
    case rested(until: MonotonicTime)

    /// No call before then; nil where nothing keeps it.
    var time: MonotonicTime? {
      switch self {
      case .atOnce: nil
      case .held(let time), .rested(let time): time
      }
    }
  }

  // MARK: Which upstream

  /// The lane that a flight for this model goes to: the first that serves it and does not fail, or
  /// else the first; nil when none serves it. One that is paused is waited for.
  func lane(for model: String, now: Moment) -> Int? {
    let serving = order.lazy.filter { lanes[$0].policy.serves(model: model) }
    return serving.first { lanes[$0].isPaused || lanes[$0].isWelcoming(now: now.monotonic) }
      ?? serving.first
  }

  /// The first lane besides these that may be called for this model.
  private func lane(besides others: Set<Int>, for model: String, now: Moment) -> Int? {
    order.first {
      !others.contains($0) && lanes[$0].policy.serves(model: model) && !lanes[$0].isPaused
        && lanes[$0].isWelcoming(now: now.monotonic)
    }
  }

  /// Chooses where a flight is called that waits nowhere yet. Where that upstream fails, those who
  /// may have an older answer get it, and the others wait.
  mutating func chooseLane(_ id: FlightID, now: Moment) -> [BrokerAction] {
    guard let model = model(of: id) else { return [] }
    guard let lane = lane(for: model, now: now) else { return endWithoutUpstream(id, now: now) }
    flights[id]?.lane = lane
    return lanes[lane].isWelcoming(now: now.monotonic) ? [] : serveStandIn(id, now: now)
  }

  /// No upstream serves the model any more.
  private mutating func endWithoutUpstream(_ id: FlightID, now: Moment) -> [BrokerAction] {
    let text = noUpstreamText(for: model(of: id) ?? "")
    return end(id, now: now) { .failure(Self.error(.noUpstream, text, $0.request)) }
  }

  private func model(of id: FlightID) -> String? {
    flights[id].flatMap { waiters[$0.leader]?.request.model }
  }

  /// Gives an older answer, where the disk has one, to those of a flight who may have it.
  mutating func serveStandIn(_ id: FlightID, now: Moment) -> [BrokerAction] {
    (flights[id]?.waiters ?? []).flatMap { serveStandIn(to: $0, now: now) ?? [] }
  }

  /// Gives somebody an older answer; nil where there is none that it may have.
  mutating func serveStandIn(to request: RequestID, now: Moment) -> [BrokerAction]? {
    let grace = rules.cache.staleIfError.components.seconds * 1000
    // Whoever has been sent chunks gets no other answer.
    guard let waiter = waiters[request], let flight = flights[waiter.flight],
      let standIn = flight.standIn, waiter.request.control == .use, !waiter.hasBegun,
      standIn.standsIn(maxAge: waiter.request.options.maxAge, grace: grace, now: now.wall)
    else { return nil }
    tally.stale += 1
    let info = Self.info(
      waiter, standIn, CallTimes(flight, now: now.monotonic), origins.name(of: standIn),
      attempts: flight.attempts, now: now)
    return [.reply(request, .answer(standIn, info))] + leave(request, now: now)
  }

  // MARK: What a call tells of its upstream

  /// Notes what the end of a call tells of its upstream; `fault` is nil when an answer came, which
  /// took so many milliseconds.
  mutating func learn(
    from fault: CallFault?, of id: FlightID, _ flight: Flight, took: Int, now: Moment
  ) -> [BrokerAction] {
    let lane = flight.lane
    if fault == nil { lanes[lane].noteCall(milliseconds: took) }
    let changes = lanes[lane].health.ended(
      id, fault, slots: lanes[lane].policy.maxConcurrent, now: now.monotonic)
    for change in changes {
      switch change {
      case .failing where lanes.count > 1 || rules.cache.staleIfError > .zero:
        lanes[lane].leaving = waiting(in: lane)
      case .recovered:
        // Whoever waits elsewhere may do better here.
        for other in lanes.indices where other != lane && lanes[other].queue.count > 0 {
          lanes[other].leaving = waiting(in: other)
        }
      case .failing, .probing, .held, .keyRejected, .keyAccepted: continue
      }
    }
    return changes.map { .upstream(lanes[lane].policy.name, $0) }
  }

  /// The flights that wait in a lane. Takes as long as there are flights.
  func waiting(in lane: Int) -> [FlightID] {
    flights.filter { $1.stage == .queued && $1.lane == lane }.keys.sorted()
  }

  /// How many flights leave a failing lane in one event: the state is locked meanwhile.
  private static let leavingAtOnce = 256

  /// What waits for an upstream that fails, or does not serve it any more, goes to another, and back to
  /// one that goes before it in the file once that answers again. What can go nowhere gets an older
  /// answer, or stays.
  mutating func moveOn(now: Moment) -> [BrokerAction] {
    var actions: [BrokerAction] = []
    for lane in lanes.indices where !lanes[lane].leaving.isEmpty {
      let some = lanes[lane].leaving.prefix(Self.leavingAtOnce)
      lanes[lane].leaving.removeFirst(some.count)
      for id in some { actions += moveOn(id, from: lane, now: now) }
      if !lanes[lane].leaving.isEmpty { actions.append(.wake(now.monotonic)) }
    }
    return actions
  }

  private mutating func moveOn(_ id: FlightID, from lane: Int, now: Moment) -> [BrokerAction] {
    guard let flight = flights[id], flight.stage == .queued, flight.lane == lane,
      let model = model(of: id)
    else { return [] }
    guard let other = self.lane(for: model, now: now) else {
      return endWithoutUpstream(id, now: now)
    }
    guard other != lane else {
      return lanes[lane].health.breaker.isClosed ? [] : serveStandIn(id, now: now)
    }
    for waiter in flight.waiters { lanes[lane].queue.remove(waiter, now: now.monotonic) }
    flights[id]?.lane = other
    return settle(id, now: now) + news(of: id, now: now)
  }

  // MARK: Trying again

  /// What comes after a call that failed; nil when that was the end of it. The error says why.
  mutating func nextTry(
    _ id: FlightID, _ fault: CallFault, now: Moment
  ) -> (error: WireError, next: NextTry?) {
    guard fault.mayPass, let flight = flights[id], flight.chunks.isEmpty, !isStopping,
      let model = model(of: id)
    else { return (fault.error, nil) }
    let lane = flight.lane
    let policy = lanes[lane].policy.retry
    guard flight.attempts - flight.probes < policy.attempts else { return (fault.error, nil) }
    if fault.kind == .connect {
      flights[id]?.unreached.insert(lane)
      let unreached = flight.unreached.union([lane])
      if let other = self.lane(besides: unreached, for: model, now: now) {
        return (fault.error, .atOnce(other))
      }
    }
    // No call is made while the upstream fails, so that waiting for it multiplies nothing; and none at
    // one that is gone.
    if !lanes[lane].health.breaker.isClosed || !isServed(model, by: lane) {
      return (fault.error, self.lane(for: model, now: now).map { .atOnce($0) })
    }
    // No time at all is no pause.
    if fault.pause != nil, let time = lanes[lane].health.heldUntil, time > now.monotonic {
      return isAwaited(flight, until: time)
        ? (fault.error, .held(until: time)) : (Self.late(fault.error, time, now), nil)
    }
    let time = now.monotonic.advanced(by: policy.backoff(after: flight.attempts, &dice))
    guard isAwaited(flight, until: time) else { return (Self.late(fault.error, time, now), nil) }
    guard lanes[lane].health.takeRetry(now: now.monotonic) else {
      return (Self.adding("too many calls fail to try again (retry.budget)", to: fault.error), nil)
    }
    return (fault.error, .rested(until: time))
  }

  /// Whether an upstream is configured, and serves a model.
  private func isServed(_ model: String, by lane: Int) -> Bool {
    !lanes[lane].isRetired && lanes[lane].policy.serves(model: model)
  }

  private func isAwaited(_ flight: Flight, until time: MonotonicTime) -> Bool {
    flight.waiters.contains { waiters[$0].map { isPatient($0.request, until: time) } == true }
  }

  /// Whether a request may still begin a call then.
  private func isPatient(_ request: ChatRequest, until time: MonotonicTime) -> Bool {
    let answerBy = request.options.timeout.map { request.arrived.monotonic.advanced(seconds: $0) }
    return min(waitEnds(request), answerBy ?? waitEnds(request)) > time
  }

  private static func late(_ error: WireError, _ time: MonotonicTime, _ now: Moment) -> WireError {
    let wait = time.milliseconds(since: now.monotonic)
    return adding(
      "the next try would come in \(wait) ms, which is longer than max_wait and timeout allow",
      to: error)
  }

  private static func adding(_ reason: String, to error: WireError) -> WireError {
    var error = error
    let words = error.message.hasSuffix(".") ? error.message.dropLast() : error.message[...]
    error.message = "\(words); \(reason)"
    return error
  }

  /// Has a flight whose call has failed called again. Those who cannot wait for that are told now.
  mutating func tryAgain(
    _ id: FlightID, _ next: NextTry, _ fault: CallFault, _ times: CallTimes, now: Moment
  ) -> [BrokerAction] {
    guard let flight = flights[id] else { return [] }
    let time = next.time ?? now.monotonic
    let upstream = lanes[flight.lane].policy.name
    lanes[flight.lane].health.noteRetry()
    flights[id]?.stage = .resting(until: time)
    flights[id]?.lastFault = fault
    var actions: [BrokerAction] = []
    for waiter in flight.waiters.compactMap({ waiters[$0] }) {
      if isPatient(waiter.request, until: time) {
        // Its wait goes on, as long as it may.
        deadlines.add(waitEnds(waiter.request), waiter.request.id, .wait)
        continue
      }
      let error = Self.fill(
        Self.late(fault.error, time, now), with: Self.info(waiter.request), times, waiter,
        upstream, flight)
      actions += turnAway(waiter.request, error, now: now)
    }
    actions += deadlines.earliest.map { [.wake($0)] } ?? []
    actions += retryNews(of: id, time, fault, now: now)
    switch next {
    case .atOnce(let lane):
      flights[id]?.lane = lane
      // An older answer is better than to wait for an upstream that fails.
      if !lanes[lane].isWelcoming(now: now.monotonic) { actions += serveStandIn(id, now: now) }
      return actions + returnToQueue(id, now: now)
    case .held: return actions + returnToQueue(id, now: now)
    case .rested:
      flights[id]?.unreached = []
      rests.add(time, id)
      return actions + [.wake(time)]
    }
  }

  private func retryNews(
    of id: FlightID, _ time: MonotonicTime, _ fault: CallFault, now: Moment
  ) -> [BrokerAction] {
    guard let flight = flights[id] else { return [] }
    let wait = time.milliseconds(since: now.monotonic)
    return flight.waiters.filter { waiters[$0]?.request.options.events == true }.map {
      .event($0, .retrying(attempt: flight.attempts + 1, after: wait, fault.error.name))
    }
  }

  /// What is said at once to somebody who joins a flight in the queue, or one that rests for longer
  /// than it may wait.
  mutating func refusalToJoin(
    _ id: FlightID, _ request: ChatRequest, now: Moment
  ) -> WireError? {
    switch flights[id]?.stage {
    case .queued: return refusal(of: request, now: now)
    case .resting(let time):
      guard !isPatient(request, until: time), let fault = flights[id]?.lastFault else { return nil }
      var error = Self.late(fault.error, time, now)
      error.info = Self.info(request)
      error.info.status = fault.error.info.status
      return error
    case .looking, .running, nil: return nil
    }
  }

  /// An older answer for somebody who joins a flight that waits for an upstream that fails.
  mutating func staleWhileWaiting(
    _ id: FlightID, _ request: RequestID, now: Moment
  ) -> [BrokerAction]? {
    guard let flight = flights[id], flight.stage == .queued,
      !lanes[flight.lane].health.breaker.isClosed
    else { return nil }
    return serveStandIn(to: request, now: now)
  }

  /// Flights that have rested go back to the queue.
  mutating func endRests(now: Moment) -> [BrokerAction] {
    var actions: [BrokerAction] = []
    while let rest = rests.next(at: now.monotonic) {
      guard flights[rest.flight]?.stage == .resting(until: rest.time) else { continue }
      actions += chooseLane(rest.flight, now: now)
      actions += returnToQueue(rest.flight, now: now)
    }
    return actions
  }

  /// Puts a flight back where it was in the queue. Whoever has been let in once is not turned away.
  private mutating func returnToQueue(_ id: FlightID, now: Moment) -> [BrokerAction] {
    guard let flight = flights[id] else { return [] }
    flights[id]?.stage = .queued
    for waiter in flight.waiters {
      guard let account = waiters[waiter]?.request.account else { continue }
      waiters[waiter]?.isQueued = true
      room.readmit()
      accounts[account].waiting.readmit()
    }
    return settle(id, now: now) + news(of: id, now: now)
  }

  /// What is said, to somebody who has waited too long, of the calls that failed meanwhile.
  func triedBefore(_ request: ChatRequest, now: Moment) -> String {
    guard let flight = waiters[request.id].flatMap({ flights[$0.flight] }) else { return "" }
    if let fault = flight.lastFault {
      return "; the last of \(flight.attempts) calls for it failed: \(fault.error.message)"
    }
    guard lanes.indices.contains(flight.lane), !flight.isRunning,
      let trouble = lanes[flight.lane].health.trouble
    else { return "" }
    let name = lanes[flight.lane].policy.name
    switch lanes[flight.lane].health.condition(now: now.monotonic) {
    case .serving: return ""
    case .held: return "; the upstream \(name) has asked for a pause: \(trouble)"
    case .failing, .probing: return "; the upstream \(name) fails: \(trouble)"
    }
  }
}

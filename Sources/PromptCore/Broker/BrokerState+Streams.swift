import PromptProtocol

/// What those who wait are told before the end: chunks as they come, and news of the queue.
extension BrokerState {
  // MARK: Chunks

  /// The first bytes of the answer's head came.
  package mutating func firstByteCame(_ id: FlightID, now: Moment) {
    guard case .running(let since, nil) = flights[id]?.stage else { return }
    flights[id]?.stage = .running(since: since, firstByte: now.monotonic)
  }

  /// Chunks of the answer came: on to everybody who reads a stream, and kept for who joins later.
  package mutating func chunksCame(_ id: FlightID, _ chunks: [AnswerChunk]) -> [BrokerAction] {
    guard flights[id]?.isRunning == true else { return [] }
    flights[id]?.chunks += chunks
    let waiting = flights[id]?.waiters ?? []
    return waiting.flatMap { send(chunks, to: $0, of: id) }
  }

  /// Gives somebody who comes late what has come so far.
  mutating func replay(_ id: FlightID, to request: RequestID) -> [BrokerAction] {
    guard let chunks = flights[id]?.chunks, !chunks.isEmpty else { return [] }
    return send(chunks, to: request, of: id)
  }

  private mutating func send(
    _ chunks: [AnswerChunk], to id: RequestID, of flight: FlightID
  ) -> [BrokerAction] {
    guard let waiter = waiters[id], waiter.request.streams else { return [] }
    // All readers share the array, unless there is something in it that one of them did not ask for.
    let wanted =
      waiter.request.includesUsage || !chunks.contains(where: \.isUsageOnly)
      ? chunks : chunks.filter { !$0.isUsageOnly }
    guard !wanted.isEmpty else { return [] }
    if waiter.hasBegun { return [.chunks(id, wanted)] }
    waiters[id]?.hasBegun = true
    return [.began(id, beginning(of: flight, for: waiter)), .chunks(id, wanted)]
  }

  /// What is known of a request when its first chunk comes.
  private func beginning(of id: FlightID, for waiter: Waiter) -> ReplyInfo {
    var info = Self.info(waiter.request)
    guard let flight = flights[id], case .running(let since, let first) = flight.stage else {
      return info
    }
    info.cache = waiter.joined ? .joined : Self.outcome(waiter.request.control)
    info.queued = max(0, since.milliseconds(since: waiter.request.arrived.monotonic))
    info.firstByte = first?.milliseconds(since: since)
    info.upstream = lanes[flight.lane].policy.name
    info.attempts = flight.attempts
    return info
  }

  // MARK: News

  /// Tells everybody of a flight who wants to know where it is now.
  func news(of id: FlightID, now: Moment) -> [BrokerAction] {
    (flights[id]?.waiters ?? []).flatMap { news(for: $0, now: now) }
  }

  /// Tells one who wants to know where its flight is now.
  func news(for request: RequestID, now: Moment) -> [BrokerAction] {
    guard let waiter = waiters[request], waiter.request.options.events,
      let flight = flights[waiter.flight]
    else { return [] }
    switch flight.stage {
    case .looking: return []
    case .queued:
      guard let outlook = outlook(request, now: now) else { return [] }
      return [.event(request, .queued(position: outlook.position, eta: outlook.eta))]
    case .running: return [.event(request, .started)]
    // What is told of a rest is told when it begins.
    case .resting: return []
    }
  }
}

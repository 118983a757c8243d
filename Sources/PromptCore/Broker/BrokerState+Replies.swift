package import PromptProtocol

/// What replies say.
extension BrokerState {
  static let stoppingText = WireError.stopping.message

  /// What is known of a request however it ends.
  static func info(_ request: ChatRequest) -> ReplyInfo {
    .known(
      request.id, key: request.keys.key, client: request.client, priority: request.priority,
      asked: request.options.priority, label: request.options.label)
  }

  /// What a reply says of an answer that has just been made; `cost` is nil for a model without a price.
  static func info(
    _ waiter: Waiter, _ leader: ChatRequest, _ answer: CachedAnswer, _ times: CallTimes,
    _ upstream: String, _ flight: Flight, cost: Double?
  ) -> ReplyInfo {
    var info = info(waiter.request)
    // Who leads pays, also one who came later and outstayed the first.
    let pays = waiter.request.id == leader.id
    info.cache = pays || !waiter.joined ? outcome(waiter.request.control) : .joined
    info.queued = times.queued(waiter.request.arrived)
    info.firstByte = times.firstByte
    info.upstreamTime = times.upstream
    info.upstream = upstream
    info.attempts = flight.attempts
    info.billed =
      pays
      ? .init(prompt: answer.tokens.prompt, completion: answer.tokens.completion, cost: cost)
      : .init(prompt: 0, completion: 0)
    return info
  }

  /// What a reply says of an answer that stands in for one that did not come; `maker` made it.
  static func info(
    _ waiter: Waiter, _ standIn: CachedAnswer, _ times: CallTimes, _ maker: String?,
    attempts: Int, now: Moment
  ) -> ReplyInfo {
    var info = ReplyInfo.hit(
      standIn, of: info(waiter.request), isStale: true, upstream: maker, now: now.wall)
    info.queued = times.queued(waiter.request.arrived)
    info.upstreamTime = times.upstream
    info.attempts = attempts
    return info
  }

  /// What is said of the cache to somebody for whom a call was made.
  static func outcome(_ control: CacheControl) -> CacheOutcome {
    switch control {
    case .use, .only: .miss
    case .refresh: .refreshed
    case .bypass: .bypassed
    }
  }

  static func error(_ name: ErrorName, _ text: String, _ request: ChatRequest) -> WireError {
    WireError(name, text, info: info(request))
  }

  /// An error of a call, with what is known of one of those who waited for it.
  static func fill(
    _ error: WireError, with known: ReplyInfo, _ times: CallTimes, _ waiter: Waiter,
    _ upstream: String, _ flight: Flight
  ) -> WireError {
    var error = error
    let told = error.info
    error.info = known
    error.info.queued = times.queued(waiter.request.arrived)
    error.info.upstreamTime = times.upstream
    error.info.attempts = flight.attempts
    error.info.upstream = upstream
    error.info.retryAfter = told.retryAfter
    error.info.status = told.status
    error.info.body = told.body
    error.info.partial = told.partial
    return error
  }

  /// Answers a request that leads nowhere.
  mutating func refuse(
    _ request: ChatRequest, _ name: ErrorName, _ text: String
  ) -> [BrokerAction] {
    tally.errors += 1
    return [.reply(request.id, .failure(Self.error(name, text, request)))]
  }

  static func notCached(_ request: ChatRequest) -> WireError {
    error(
      .notCached, "the cache holds no answer to this request, and no call was to be made", request)
  }

  func noUpstreamText(for model: String) -> String {
    guard order.isEmpty else {
      return "no upstream serves the model \(model); see models in [[upstream]]"
    }
    return Self.noUpstreamText(file: rules.file)
  }

  static func noUpstreamText(file: String) -> String {
    "no upstream is configured: write an [[upstream]] with name, base_url and api_key_file into "
      + "\(file), or start promptd --sandbox to try without an account"
  }
}

extension WireError {
  /// The daemon stops.
  package static let stopping = WireError(
    .shuttingDown, "promptd is stopping; try again, the socket stays")
}

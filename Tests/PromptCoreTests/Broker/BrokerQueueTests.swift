import PromptCore
import PromptProtocol
import TestSupport
import Testing

/// Limits, budgets, turns and pauses, decided without a clock.
@Suite struct BrokerQueueTests {
  struct Fixture {
    var state: BrokerState

    init(slots: Int = 1, day: Day = .endless, change: (inout BrokerState.Rules) -> Void = { _ in })
    {
      var policy = UpstreamPolicy(name: "a")
      policy.maxConcurrent = slots
      var rules = BrokerState.Rules()
      change(&rules)
      state = BrokerState(lanes: [Lane(policy: policy, origin: "o")], rules: rules, day: day)
    }

    mutating func client(_ name: String, _ change: (inout ClientLimits) -> Void = { _ in })
      -> ClientID
    {
      var limits = ClientLimits()
      change(&limits)
      return state.admit(ClientTerms(name: name, limits: limits))
    }

    mutating func arrive(_ request: ChatRequest) -> [BrokerAction] {
      let actions = state.arrived(request)
      for case .lookUp(let flight, _) in actions {
        return actions + state.diskAnswered(flight, nil, now: request.arrived)
      }
      return actions
    }

    mutating func end(
      _ flight: UInt64, tokens: TokenCount = TokenCount(prompt: 3, completion: 5),
      at milliseconds: Int64 = 1
    ) -> [BrokerAction] {
      state.callEnded(
        FlightID(rawValue: flight),
        .completed(CompletedAnswer(completion: Array("{}".utf8), tokens: tokens)),
        now: .at(milliseconds))
    }
  }

  func started(_ actions: [BrokerAction]) -> [UInt64] {
    actions.compactMap {
      if case .start(let flight, _, _, _) = $0 { flight.rawValue } else { nil }
    }
  }

  func error(_ actions: [BrokerAction], _ request: UInt64) -> WireError? {
    for case .reply(.number(request), .failure(let error)) in actions { return error }
    return nil
  }

  func info(_ actions: [BrokerAction], _ request: UInt64) -> ReplyInfo? {
    for case .reply(.number(request), .answer(_, let info)) in actions { return info }
    return nil
  }

  // MARK: Who leads

  @Test func whoeverIsBestLeadsAndPays() throws {
    var broker = Fixture()
    let (batch, person) = (broker.client("batch"), broker.client("person"))
    _ = broker.arrive(try .make(1, account: batch))
    _ = broker.arrive(try .make(2, asks: 7, priority: .low, account: batch))
    _ = broker.arrive(try .make(3, asks: 8, priority: .normal, account: batch, at: 1))
    _ = broker.arrive(try .make(4, asks: 7, priority: .high, account: person, at: 2))
    // The low question is the next, since somebody wants it who is high.
    #expect(started(broker.end(1, at: 3)) == [2])
    #expect(broker.state.accounts[person].running == 1)
    let ended = broker.end(2, at: 4)
    #expect(info(ended, 4)?.cache == .miss)
    #expect(info(ended, 4)?.billed == .init(prompt: 3, completion: 5))
    #expect(info(ended, 2)?.cache == .joined)
    #expect(info(ended, 2)?.billed == .init(prompt: 0, completion: 0))
    #expect(broker.state.accounts[person].spent.tokens == 8)
  }

  @Test func whenTheBestLeavesTheFlightGoesBackToItsPlace() throws {
    var broker = Fixture()
    let (batch, person) = (broker.client("batch"), broker.client("person"))
    _ = broker.arrive(try .make(1, account: batch))
    _ = broker.arrive(try .make(2, asks: 7, priority: .low, account: batch))
    _ = broker.arrive(try .make(3, asks: 8, priority: .normal, account: batch, at: 1))
    _ = broker.arrive(try .make(4, asks: 7, priority: .high, account: person, at: 2))
    _ = broker.state.left(.number(4), now: .at(3))
    #expect(started(broker.end(1, at: 4)) == [3])
  }

  @Test func whoJoinsIsNotHeldBackByTheLimitsOfTheFirst() throws {
    var broker = Fixture(slots: 4)
    let slow = broker.client("slow") { $0.maxInFlight = 1 }
    let free = broker.client("free")
    _ = broker.arrive(try .make(1, account: slow))
    #expect(started(broker.arrive(try .make(2, asks: 7, account: slow))).isEmpty)
    #expect(started(broker.arrive(try .make(3, asks: 7, priority: .high, account: free))) == [2])
  }

  // MARK: Limits

  @Test(arguments: [PriorityClass.low, .normal])
  func whoJoinsInTheSameClassOrAWorseOneIsNotHeldBackEither(priority: PriorityClass) throws {
    var broker = Fixture(slots: 9)
    let (limited, free) = (broker.client("limited") { $0.maxInFlight = 1 }, broker.client("free"))
    _ = broker.arrive(try .make(1, account: limited))
    #expect(started(broker.arrive(try .make(2, asks: 7, account: limited))).isEmpty)
    let joined = broker.arrive(try .make(3, asks: 7, priority: priority, account: free))
    #expect(started(joined) == [2])
    #expect(broker.state.accounts[free].running == 1)
    #expect(broker.state.accounts[limited].waiting.count == 0)
    #expect(info(broker.end(2), 2)?.billed == .init(prompt: 0, completion: 0))
  }

  @Test func whoJoinsWhatLiesDeepInAnotherPileWaitsForItsOwnTurnOnly() throws {
    var broker = Fixture()
    let (pile, person) = (broker.client("pile"), broker.client("person"))
    for number in 1...50 as ClosedRange<UInt64> {
      _ = broker.arrive(try .make(number, account: pile))
    }
    _ = broker.arrive(try .make(51, asks: 50, account: person, at: 1))
    #expect(broker.state.queued == 49)
    #expect(started(broker.end(1)) == [2])
    #expect(started(broker.end(2)) == [50])
    #expect(broker.state.accounts[person].running == 1)
  }

  @Test func whoIsAtItsLimitHoldsNobodyBackByJoining() throws {
    var broker = Fixture(slots: 2)
    let (limited, free) = (broker.client("limited") { $0.maxInFlight = 1 }, broker.client("free"))
    _ = broker.arrive(try .make(1, account: limited))
    _ = broker.arrive(try .make(2, account: free))
    _ = broker.arrive(try .make(3, asks: 7, account: free))
    _ = broker.arrive(try .make(4, asks: 7, priority: .urgent, account: limited))
    #expect(started(broker.end(2)) == [3])
    #expect(broker.state.accounts[limited].running == 1)
  }

  @Test func whoCannotPayIsTurnedAwayWithTheLastWhoCould() throws {
    var broker = Fixture(day: day)
    let (poor, rich) = (broker.client("poor") { $0.tokensPerDay = 8 }, broker.client("rich"))
    _ = broker.arrive(try .make(1, account: poor))
    _ = broker.arrive(try .make(2, asks: 7, account: rich))
    _ = broker.end(1)
    _ = broker.arrive(try .make(3, account: rich))
    _ = broker.arrive(try .make(4, asks: 8, account: rich))
    _ = broker.arrive(try .make(5, asks: 8, account: poor))
    let actions = broker.state.left(.number(4), now: .at(9))
    #expect(error(actions, 5)?.name == .budgetExceeded)
    #expect(broker.state.queued == 1)
  }

  @Test func aFullClientIsRefusedAloneAndJoinersCount() throws {
    var broker = Fixture()
    let small = broker.client("small") { $0.maxQueued = 2 }
    let other = broker.client("other")
    _ = broker.arrive(try .make(1, account: other))
    _ = broker.arrive(try .make(2, account: small))
    _ = broker.arrive(try .make(3, asks: 2, account: small))
    let refused = error(broker.arrive(try .make(4, account: small)), 4)
    #expect(refused?.name == .queueFull)
    #expect(refused?.info.retryAfter == 1)
    #expect(error(broker.arrive(try .make(5, asks: 2, account: small)), 5)?.name == .queueFull)
    #expect(error(broker.arrive(try .make(6, account: other)), 6) == nil)
    #expect(broker.state.queued == 2)
    _ = broker.state.left(.number(3), now: .at(1))
    // The place is kept for who was told to come back for it.
    #expect(error(broker.arrive(try .make(7, account: small, at: 1000)), 7) != nil)
    #expect(error(broker.arrive(try .make(8, asks: 4, account: small, at: 1000)), 8) == nil)
  }

  @Test func whatStartsAtOnceNeedsNoRoomToWait() throws {
    var stuck = UpstreamPolicy(name: "stuck")
    stuck.maxConcurrent = 1
    stuck.models = [Glob("stuck")]
    var rules = BrokerState.Rules()
    rules.queue.maxQueued = 1
    var state = BrokerState(
      lanes: [stuck, UpstreamPolicy(name: "idle")].map { Lane(policy: $0, origin: $0.name) },
      rules: rules)
    for number in 1...2 as ClosedRange<UInt64> {
      _ = state.arrived(try .make(number, model: "stuck", control: .bypass))
    }
    let refused = state.arrived(try .make(3, model: "stuck", control: .bypass))
    #expect(error(refused, 3)?.name == .queueFull)
    // A full queue in front of one upstream is none in front of another.
    #expect(started(state.arrived(try .make(4, model: "m", control: .bypass))) == [4])
    // Nor does a promise that nobody comes for keep out whom a slot is free for.
    _ = state.callEnded(FlightID(rawValue: 1), .failed(.make(.strange)), now: .at(1))
    _ = state.callEnded(FlightID(rawValue: 2), .failed(.make(.strange)), now: .at(2))
    let other = state.arrived(try .make(5, model: "stuck", control: .bypass, at: 2000))
    #expect(started(other) == [5])
  }

  @Test func whoJoinsWhatWillTakeTooLongIsToldAtOnce() throws {
    var broker = Fixture()
    let client = broker.client("a")
    _ = broker.arrive(try .make(1, account: client))
    _ = broker.end(1, at: 2000)
    for number in 2...6 as ClosedRange<UInt64> {
      _ = broker.arrive(try .make(number, account: client, at: 2000))
    }
    var options = RequestOptions()
    options.maxWait = 1
    let joined = broker.arrive(
      try .make(7, asks: 6, options: options, account: client, at: 2000))
    #expect(error(joined, 7)?.name == .queueFull)
    #expect(error(joined, 7)?.info.retryAfter == 7)
    #expect(error(joined, 6) == nil)
  }

  @Test func aClientAtItsLimitKeepsNobodyElseWaiting() throws {
    var broker = Fixture(slots: 4)
    let limited = broker.client("limited") { $0.maxInFlight = 1 }
    let other = broker.client("other")
    #expect(started(broker.arrive(try .make(1, account: limited))) == [1])
    #expect(started(broker.arrive(try .make(2, priority: .urgent, account: limited))).isEmpty)
    #expect(started(broker.arrive(try .make(3, priority: .idle, account: other))) == [3])
    #expect(started(broker.end(1)) == [2])
  }

  @Test func whatAClientMayTakeInAMinuteIsPutRightByItsCalls() throws {
    var broker = Fixture(slots: 4)
    let limited = broker.client("limited") { $0.tokensPerMinute = 150 }
    #expect(started(broker.arrive(try .make(1, account: limited))) == [1])
    let second = broker.arrive(try .make(2, account: limited))
    #expect(started(second).isEmpty)
    #expect(second.contains(.wake(MonotonicTime(nanoseconds: 60_000_000_000))))
    #expect(started(broker.end(1, tokens: TokenCount(prompt: 10, completion: 40))) == [2])
  }

  // MARK: Turns

  @Test func whatIsMovedWaitsAsIfItHadComeSo() throws {
    var broker = Fixture()
    let client = broker.client("a")
    for number in 1...3 as ClosedRange<UInt64> {
      _ = broker.arrive(try .make(number, account: client, at: Int64(number)))
    }
    #expect(broker.state.moved(.number(3), to: .high, now: .at(5)) != nil)
    #expect(started(broker.end(1, at: 6)) == [3])
    #expect(broker.state.moved(.number(3), to: .low, now: .at(7)) == nil)
    #expect(broker.state.moved(.number(9), to: .low, now: .at(7)) == nil)
  }

  @Test func aPausedLaneFinishesWhatRunsAndStartsNothing() throws {
    var broker = Fixture()
    let client = broker.client("a")
    _ = broker.arrive(try .make(1, account: client))
    _ = broker.state.paused(0, true, now: .at(1))
    _ = broker.arrive(try .make(2, account: client))
    #expect(started(broker.end(1)).isEmpty)
    #expect(started(broker.state.paused(0, false, now: .at(2))) == [2])
    #expect(broker.state.paused(7, true, now: .at(3)).isEmpty)
  }

  // MARK: Leaving

  /// Where a request may be when it ends.
  enum Place: CaseIterable { case looking, queued, started, streaming, joined }
  /// How it may end before its answer.
  enum Way: CaseIterable { case left, cancelled, late, stopped }

  @Test(arguments: Place.allCases, Way.allCases)
  func aSlotIsReleasedOnceWhereverARequestEnds(_ place: Place, _ way: Way) throws {
    var broker = Fixture()
    let client = broker.client("a") { $0.maxInFlight = 1 }
    var options = RequestOptions()
    options.timeout = 1
    if place == .queued { _ = broker.arrive(try .make(9, account: client)) }
    let request = try ChatRequest.make(
      1, options: options, streams: place == .streaming, account: client)
    _ = place == .looking ? broker.state.arrived(request) : broker.arrive(request)
    let flight = FlightID(rawValue: place == .queued ? 2 : 1)
    if place == .streaming {
      broker.state.firstByteCame(flight, now: .at(1))
      _ = broker.state.chunksCame(flight, [AnswerChunk(json: Array("{}".utf8))])
    }
    if place == .joined {
      _ = broker.arrive(try .make(2, asks: 1, options: options, account: client))
    }
    switch way {
    case .left:
      for number in [1, 1, 2] as [UInt64] { _ = broker.state.left(.number(number), now: .at(2)) }
    case .cancelled:
      for number in [1, 2] as [UInt64] { _ = broker.state.cancelled(.number(number), now: .at(2)) }
    case .late: _ = broker.state.ticked(now: .at(5000))
    case .stopped:
      _ = broker.state.stopping(now: .at(2))
      _ = broker.state.stopped(now: .at(3))
    }
    _ = broker.state.diskAnswered(flight, nil, now: .at(6))
    _ = broker.state.callEnded(flight, .failed(.make(.reset)), now: .at(7))
    if place == .queued { _ = broker.end(1, at: 8) }
    #expect(broker.state.isIdle)
    #expect(broker.state.running == 0 && broker.state.queued == 0)
    #expect(broker.state.accounts[client].running == 0)
    #expect(broker.state.accounts[client].waiting.count == 0)
  }
}

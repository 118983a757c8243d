import PromptProtocol
import Testing

@testable import PromptCore

/// What happens to a request whose call fails.
@Suite struct BrokerRetryTests {
  /// A broker with upstreams `a`, `b`, … and what it has done.
  private struct Fixture {
    var state: BrokerState
    var lanes: [FlightID: Int] = [:]
    var starts: [Int] = []
    var replies: [RequestID: ChatReply] = [:]
    var events: [ChatEvent] = []
    var changes: [UpstreamChange] = []
    var records: [CallRecord] = []
    var wakes: [MonotonicTime] = []

    init(
      upstreams: Int = 1, slots: Int = 4, rules: BrokerState.Rules = .init(),
      change: (inout UpstreamPolicy) -> Void = { _ in }
    ) {
      let lanes = ["a", "b", "c"].prefix(upstreams).map { name in
        var policy = UpstreamPolicy(name: name)
        policy.maxConcurrent = slots
        change(&policy)
        return Lane(policy: policy, origin: "https://\(name)/v1")
      }
      state = BrokerState(lanes: lanes, rules: rules)
    }

    mutating func take(_ actions: [BrokerAction], at milliseconds: Int64) {
      for action in actions {
        switch action {
        case .lookUp(let flight, _):
          take(state.diskAnswered(flight, nil, now: .at(milliseconds)), at: milliseconds)
        case .start(let flight, let lane, _, _):
          lanes[flight] = lane
          starts.append(lane)
        case .abort(let flight): lanes[flight] = nil
        case .reply(let request, let reply): replies[request] = reply
        case .event(_, let event): events.append(event)
        case .upstream(_, let change): changes.append(change)
        case .note(let record): records.append(record)
        case .wake(let time): wakes.append(time)
        case .began, .chunks, .keep, .promote: continue
        }
      }
    }

    mutating func ask(_ request: ChatRequest) {
      take(state.arrived(request), at: request.arrived.wall)
    }

    /// The calls under way end so.
    mutating func end(_ fault: CallFault?, at milliseconds: Int64) {
      for flight in lanes.keys.sorted() {
        lanes[flight] = nil
        let outcome: AnswerOutcome =
          fault.map { .failed($0) }
          ?? .completed(CompletedAnswer(completion: Array("{}".utf8)))
        take(state.callEnded(flight, outcome, now: .at(milliseconds)), at: milliseconds)
      }
    }

    mutating func tick(_ milliseconds: Int64) {
      take(state.ticked(now: .at(milliseconds)), at: milliseconds)
    }

    func error(_ number: UInt64) -> WireError? {
      if case .failure(let error) = replies[.number(number)] { error } else { nil }
    }

    func info(_ number: UInt64) -> ReplyInfo? {
      if case .answer(_, let info) = replies[.number(number)] { info } else { nil }
    }
  }

  private func options(_ change: (inout RequestOptions) -> Void) -> RequestOptions {
    var options = RequestOptions()
    change(&options)
    return options
  }

  // MARK: Resting

  @Test func aCallThatFailsRestsWithoutASlotAndIsMadeAgain() throws {
    var broker = Fixture()
    broker.ask(try .make(1))
    broker.end(.make(.status(503)), at: 10)
    #expect(broker.state.running == 0 && broker.replies.isEmpty)
    #expect(broker.state.figures.retrying == 1)
    #expect(broker.records.map(\.isRetried) == [true])
    broker.tick(510)
    #expect(broker.starts == [0, 0])
    broker.end(nil, at: 520)
    #expect(broker.info(1)?.attempts == 2)
    #expect(broker.info(1)?.cache == .miss)
    #expect(broker.records.map(\.attempt) == [1, 2])
    #expect(broker.state.isIdle)
  }

  @Test func theEndOfTheRestWakesIt() throws {
    var broker = Fixture()
    broker.ask(try .make(1))
    broker.end(.make(.reset), at: 10)
    let rest = try #require(broker.state.rests.earliest)
    #expect(broker.wakes.contains(rest))
    broker.tick(10 + Int64(rest.milliseconds(since: Moment.at(10).monotonic)) + 1)
    #expect(broker.starts.count == 2)
  }

  @Test func afterFourTriesTheErrorIsTold() throws {
    var broker = Fixture()
    broker.ask(try .make(1))
    for time in [10, 20_000, 40_000, 60_000] as [Int64] {
      broker.tick(time - 5)
      broker.end(.make(.status(502)), at: time)
    }
    #expect(broker.starts.count == 4)
    #expect(broker.error(1)?.name == .upstreamError)
    #expect(broker.error(1)?.info.attempts == 4)
    #expect(broker.error(1)?.info.status == 502)
    #expect(broker.state.isIdle)
  }

  @Test(arguments: [CallFault.Kind.status(400), .status(401), .strange, .stalled, .tooLarge, .own])
  func whatDoesNotPassIsToldAtOnce(_ kind: CallFault.Kind) throws {
    var broker = Fixture()
    broker.ask(try .make(1))
    broker.end(.make(kind), at: 10)
    #expect(broker.error(1)?.info.attempts == 1)
    #expect(broker.state.isIdle)
  }

  @Test func onceAChunkHasComeNothingIsTriedAgain() throws {
    var broker = Fixture()
    broker.ask(try .make(1, streams: true))
    let flight = try #require(broker.lanes.keys.first)
    broker.take(broker.state.chunksCame(flight, [AnswerChunk(json: Array("{}".utf8))]), at: 5)
    broker.end(.make(.cut), at: 10)
    #expect(broker.error(1)?.name == .streamInterrupted)
  }

  @Test func whoWantsToKnowIsToldOfTheNextTry() throws {
    var broker = Fixture()
    broker.ask(try .make(1, options: options { $0.events = true }))
    broker.end(.make(.reset), at: 10)
    guard case .retrying(2, let wait, .upstreamUnreachable) = broker.events.last else {
      Issue.record("\(broker.events)")
      return
    }
    #expect((0..<500).contains(wait))
  }

  @Test func aRequestKeepsItsPlaceInTheQueue() throws {
    var broker = Fixture(slots: 1)
    for number in 1...3 as ClosedRange<UInt64> { broker.ask(try .make(number, at: Int64(number))) }
    broker.end(.make(.reset), at: 10)
    #expect(broker.lanes.keys.map(\.rawValue) == [2])
    broker.tick(600)
    broker.end(nil, at: 610)
    #expect(broker.lanes.keys.map(\.rawValue) == [1], "before the third, which came later")
  }

  // MARK: Deadlines

  @Test func nobodyWaitsForATryThatComesTooLate() throws {
    var broker = Fixture()
    broker.ask(try .make(1, options: options { $0.timeout = 5 }))
    broker.ask(try .make(2, asks: 1))
    broker.end(.make(.status(429), pause: 10), at: 1000)
    #expect(broker.error(1)?.info.status == 429)
    #expect(broker.error(1)?.info.retryAfter == 10)
    #expect(
      broker.error(1)?.message
        == "gone; the next try would come in 10000 ms, which is longer than max_wait and timeout allow"
    )
    #expect(broker.error(2) == nil)
    broker.tick(11_000)
    broker.end(nil, at: 11_010)
    #expect(broker.info(2)?.attempts == 2)
  }

  @Test func whenNobodyCanWaitThereIsNoFurtherTry() throws {
    var broker = Fixture()
    broker.ask(try .make(1, options: options { $0.maxWait = 5 }))
    broker.end(.make(.status(429), pause: 10), at: 1000)
    #expect(broker.error(1)?.info.attempts == 1)
    #expect(broker.records.map(\.isRetried) == [false])
    broker.tick(60_000)
    #expect(broker.starts.count == 1 && broker.state.isIdle)
  }

  @Test func whoWaitsTooLongIsToldWhatFailed() throws {
    var broker = Fixture(slots: 1)
    broker.ask(try .make(1, options: options { $0.maxWait = 60 }))
    broker.ask(try .make(2, at: 5))
    broker.end(.make(.reset), at: 10)
    broker.tick(60_010)
    #expect(broker.error(1)?.name == .deadlineExceeded)
    #expect(broker.error(1)?.message.hasSuffix("the last of 1 calls for it failed: gone") == true)
  }

  @Test func leavingInARestEndsIt() throws {
    var broker = Fixture()
    broker.ask(try .make(1))
    broker.end(.make(.reset), at: 10)
    broker.take(broker.state.left(.number(1), now: .at(11)), at: 11)
    broker.tick(60_000)
    #expect(broker.starts.count == 1 && broker.state.isIdle)
  }

  @Test func whoJoinsInARestIsAnsweredWithTheOthers() throws {
    var broker = Fixture()
    broker.ask(try .make(1))
    broker.end(.make(.reset), at: 10)
    broker.ask(try .make(2, asks: 1, at: 11))
    broker.tick(600)
    broker.end(nil, at: 610)
    #expect(broker.starts.count == 2)
    #expect(broker.info(1)?.cache == .miss && broker.info(2)?.cache == .joined)
  }

  @Test func aRestIsNotSatOutAtTheEnd() throws {
    var broker = Fixture()
    broker.ask(try .make(1))
    broker.end(.make(.reset), at: 10)
    broker.take(broker.state.stopping(now: .at(11)), at: 11)
    #expect(broker.error(1)?.name == .shuttingDown)
    #expect(broker.state.isIdle)
  }

  // MARK: Budgets

  @Test func anOutageIsNotAnsweredWithAMultipleOfTheCalls() throws {
    var broker = Fixture(slots: 100) { $0.breaker.failures = 1000 }
    for number in 1...100 as ClosedRange<UInt64> { broker.ask(try .make(number)) }
    broker.end(.make(.status(500)), at: 10)
    #expect(broker.state.figures.retrying == 20)
    #expect(broker.replies.count == 80)
    #expect(broker.error(100)?.message.contains("retry.budget") == true)
  }

  @Test func waitingOutAPauseCostsNothing() throws {
    var broker = Fixture(slots: 100)
    for number in 1...100 as ClosedRange<UInt64> { broker.ask(try .make(number)) }
    broker.end(.make(.status(429), pause: 1), at: 10)
    #expect(broker.replies.isEmpty && broker.state.queued == 100)
  }

  // MARK: Pauses

  @Test func noCallIsMadeInAPauseAndAllAfterIt() throws {
    var broker = Fixture()
    broker.ask(try .make(1))
    broker.end(.make(.status(429), pause: 2), at: 100)
    for number in 2...50 as ClosedRange<UInt64> { broker.ask(try .make(number, at: 200)) }
    broker.tick(2099)
    #expect(broker.state.running == 0 && broker.state.queued == 50 && broker.starts.count == 1)
    #expect(broker.changes == [.held(seconds: 2)])
    #expect(broker.wakes.contains(Moment.at(2100).monotonic))
    broker.tick(2100)
    #expect(broker.lanes.keys.map(\.rawValue).sorted() == [1, 2, 3, 4])
  }

  @Test func anAdministratorCanEndAPause() throws {
    var broker = Fixture()
    broker.ask(try .make(1))
    broker.end(.make(.status(429), pause: 2000), at: 100)
    // Too long for the request's own max_wait.
    #expect(broker.error(1) != nil)
    broker.ask(try .make(2, options: options { $0.maxWait = 9000 }, at: 200))
    #expect(broker.state.running == 0)
    broker.take(broker.state.paused(0, false, now: .at(300)), at: 300)
    #expect(broker.state.running == 1)
  }

  // MARK: Other upstreams

  @Test func whoIsNotReachedIsPassedOverAtOnce() throws {
    var broker = Fixture(upstreams: 3)
    broker.ask(try .make(1))
    broker.end(.make(.connect), at: 10)
    broker.end(.make(.connect), at: 20)
    broker.end(nil, at: 30)
    #expect(broker.starts == [0, 1, 2])
    #expect(broker.info(1)?.upstream == "c")
    #expect(broker.info(1)?.attempts == 3)
  }

  @Test func whenNoneIsReachedItRestsAndBeginsAnew() throws {
    var broker = Fixture(upstreams: 2)
    broker.ask(try .make(1))
    broker.end(.make(.connect), at: 10)
    broker.end(.make(.connect), at: 20)
    #expect(broker.state.figures.retrying == 1)
    broker.tick(2000)
    broker.end(nil, at: 2010)
    #expect(broker.starts == [0, 1, 0])
  }

  @Test func onlyAnUpstreamThatServesTheModelIsAsked() throws {
    var broker = Fixture(upstreams: 2) { $0.models = $0.name == "b" ? [Glob("n")] : [.everything] }
    broker.ask(try .make(1))
    broker.end(.make(.connect), at: 10)
    broker.tick(2000)
    #expect(broker.starts == [0, 0])
  }

  @Test func anotherFailureStaysWithItsUpstream() throws {
    var broker = Fixture(upstreams: 2)
    broker.ask(try .make(1))
    broker.end(.make(.status(500)), at: 10)
    broker.tick(2000)
    #expect(broker.starts == [0, 0])
  }

  /// Has the first upstream fail until it is left alone.
  private func failing(
    upstreams: Int = 2, slots: Int = 4, rules: BrokerState.Rules = .init()
  ) throws -> Fixture {
    var broker = Fixture(upstreams: upstreams, slots: slots, rules: rules) {
      $0.retry.attempts = 1
    }
    for number in 101...105 as ClosedRange<UInt64> {
      broker.ask(try .make(number))
      broker.end(.make(.reset), at: 0)
    }
    #expect(broker.state.lanes[0].health.condition(now: Moment.at(0).monotonic) == .failing)
    broker.starts = []
    broker.replies = [:]
    return broker
  }

  @Test func whileTheFirstFailsTheSecondAnswers() throws {
    var broker = try failing()
    broker.ask(try .make(1, at: 100))
    broker.end(nil, at: 200)
    #expect(broker.info(1)?.upstream == "b")
    #expect(broker.info(1)?.attempts == 1)
  }

  @Test func afterAWhileOneRequestSeesAndThenTheFirstIsUsedAgain() throws {
    var broker = try failing()
    for number in 1...3 as ClosedRange<UInt64> { broker.ask(try .make(number, at: 10_000)) }
    #expect(broker.starts == [0, 1, 1])
    broker.end(nil, at: 10_010)
    broker.ask(try .make(4, at: 10_020))
    #expect(broker.starts == [0, 1, 1, 0])
    #expect(broker.changes.suffix(2) == [.probing, .recovered])
  }

  @Test func whatWaitsForAnUpstreamThatBeginsToFailGoesToTheNext() throws {
    var broker = Fixture(upstreams: 2, slots: 5) { $0.retry.attempts = 1 }
    for number in 1...605 as ClosedRange<UInt64> { broker.ask(try .make(number)) }
    // Four more have begun by the time of the fifth failure.
    broker.end(.make(.reset), at: 10)
    #expect(broker.state.lanes[0].queue.count + broker.state.lanes[1].queue.count == 591)
    #expect(broker.wakes.contains(Moment.at(10).monotonic), "not all of them in one go")
    for time in 11...13 as ClosedRange<Int64> { broker.tick(time) }
    #expect(broker.state.lanes[0].queue.count == 0)
    #expect(broker.state.lanes[1].queue.count == 591)
    #expect(broker.starts.suffix(5) == [1, 1, 1, 1, 1])
  }

  @Test func withoutAnotherTheyWaitForItToComeBack() throws {
    var broker = try failing(upstreams: 1)
    for number in 1...4 as ClosedRange<UInt64> { broker.ask(try .make(number, at: 100)) }
    #expect(broker.state.running == 0 && broker.state.queued == 4)
    broker.tick(9_999)
    #expect(broker.state.running == 0)
    broker.tick(10_000)
    #expect(broker.state.running == 1)
    broker.end(nil, at: 10_100)
    #expect(broker.state.running == 1, "by and by")
    broker.end(nil, at: 10_200)
    #expect(broker.state.running == 2)
  }

  @Test func whoHasWaitedInVainIsToldWhoFails() throws {
    var broker = try failing(upstreams: 1)
    broker.ask(try .make(1, options: options { $0.maxWait = 5 }, at: 100))
    broker.tick(5100)
    #expect(broker.error(1)?.name == .deadlineExceeded)
    #expect(broker.error(1)?.message.hasSuffix("the upstream a fails: gone") == true)
  }

  @Test func whoSeesInVainHasLostNoTry() throws {
    var broker = Fixture { $0.retry.attempts = 2 }
    for number in 101...105 as ClosedRange<UInt64> {
      broker.ask(try .make(number, options: options { $0.maxWait = 1 }))
      broker.end(.make(.status(500)), at: 0)
    }
    broker.tick(2000)
    broker.ask(try .make(1, at: 2000))
    for time in [10_000, 30_000, 70_000] as [Int64] {
      broker.tick(time)
      #expect(broker.state.running == 1)
      broker.end(.make(.status(500)), at: time)
      #expect(broker.state.running == 0)
    }
    broker.tick(150_000)
    broker.end(nil, at: 150_010)
    #expect(broker.info(1)?.attempts == 4)
  }

  @Test func theSeerWhoLeavesLetsAnotherSee() throws {
    var broker = try failing(upstreams: 1)
    for number in 1...2 as ClosedRange<UInt64> { broker.ask(try .make(number, at: 10_000)) }
    #expect(broker.state.running == 1)
    broker.take(broker.state.left(.number(1), now: .at(10_001)), at: 10_001)
    #expect(broker.state.running == 1 && broker.starts.count == 2)
  }

  // MARK: Older answers

  private var lenient: BrokerState.Rules {
    var rules = BrokerState.Rules()
    rules.cache.staleIfError = .seconds(1_000_000)
    return rules
  }

  @Test func whileNoneCanBeAskedAnOlderAnswerIsGivenAtOnce() throws {
    var broker = try failing(upstreams: 1, rules: lenient)
    _ = broker.state.arrived(try .make(1, at: 6000))
    let flight = try #require(broker.state.waiters[.number(1)]?.flight)
    broker.take(broker.state.diskAnswered(flight, .make(1, life: 5), now: .at(6001)), at: 6001)
    #expect(broker.info(1)?.cache == .stale)
    #expect(broker.starts.isEmpty && broker.state.isIdle)
  }

  @Test func whoWaitsWhenItBeginsToFailGetsTheOlderAnswer() throws {
    var broker = Fixture(slots: 5, rules: lenient) { $0.retry.attempts = 1 }
    for number in 1...9 as ClosedRange<UInt64> { broker.ask(try .make(number, at: 6000)) }
    _ = broker.state.arrived(try .make(10, at: 6000))
    let flight = try #require(broker.state.waiters[.number(10)]?.flight)
    broker.take(broker.state.diskAnswered(flight, .make(10, life: 5), now: .at(6000)), at: 6000)
    broker.ask(try .make(11, at: 6000))
    #expect(broker.state.queued == 6)
    broker.end(.make(.reset), at: 6010)
    #expect(broker.info(10)?.cache == .stale)
    #expect(broker.state.queued == 1)
  }

  // MARK: Keys

  @Test func aRejectedKeyIsSeenAndCallsGoOn() throws {
    var broker = Fixture()
    broker.ask(try .make(1))
    broker.end(.make(.status(401)), at: 10)
    #expect(broker.error(1)?.info.status == 401)
    #expect(broker.state.figures.lanes[0].health.isKeyRejected)
    broker.ask(try .make(2, at: 20))
    broker.end(nil, at: 30)
    #expect(broker.info(2) != nil)
    #expect(broker.changes == [.keyRejected, .keyAccepted])
  }
}

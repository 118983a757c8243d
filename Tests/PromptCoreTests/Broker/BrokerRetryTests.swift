import PromptProtocol
import Testing

@testable import PromptCore

/// What happens to a request whose call fails.
@Suite struct BrokerRetryTests {
  // MARK: Resting

  @Test func aCallThatFailsRestsWithoutASlotAndIsMadeAgain() throws {
    var broker = CallingBroker()
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
    var broker = CallingBroker()
    broker.ask(try .make(1))
    broker.end(.make(.reset), at: 10)
    let rest = try #require(broker.state.rests.earliest)
    #expect(broker.wakes.contains(rest))
    broker.tick(10 + Int64(rest.milliseconds(since: Moment.at(10).monotonic)) + 1)
    #expect(broker.starts.count == 2)
  }

  @Test func afterFourTriesTheErrorIsTold() throws {
    var broker = CallingBroker()
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
    var broker = CallingBroker()
    broker.ask(try .make(1))
    broker.end(.make(kind), at: 10)
    #expect(broker.error(1)?.info.attempts == 1)
    #expect(broker.state.isIdle)
  }

  @Test func onceAChunkHasComeNothingIsTriedAgain() throws {
    var broker = CallingBroker()
    broker.ask(try .make(1, streams: true))
    let flight = try #require(broker.lanes.keys.first)
    broker.take(broker.state.chunksCame(flight, [AnswerChunk(json: Array("{}".utf8))]), at: 5)
    broker.end(.make(.cut), at: 10)
    #expect(broker.error(1)?.name == .streamInterrupted)
  }

  @Test func whoWantsToKnowIsToldOfTheNextTry() throws {
    var broker = CallingBroker()
    broker.ask(try .make(1, options: .make { $0.events = true }))
    broker.end(.make(.reset), at: 10)
    guard case .retrying(2, let wait, .upstreamUnreachable) = broker.events.last else {
      Issue.record("\(broker.events)")
      return
    }
    #expect((0..<500).contains(wait))
  }

  @Test func aRequestKeepsItsPlaceInTheQueue() throws {
    var broker = CallingBroker(slots: 1)
    for number in 1...3 as ClosedRange<UInt64> { broker.ask(try .make(number, at: Int64(number))) }
    broker.end(.make(.reset), at: 10)
    #expect(broker.lanes.keys.map(\.rawValue) == [2])
    broker.tick(600)
    broker.end(nil, at: 610)
    #expect(broker.lanes.keys.map(\.rawValue) == [1], "before the third, which came later")
  }

  // MARK: Deadlines

  @Test func nobodyWaitsForATryThatComesTooLate() throws {
    var broker = CallingBroker()
    broker.ask(try .make(1, options: .make { $0.timeout = 5 }))
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
    var broker = CallingBroker()
    broker.ask(try .make(1, options: .make { $0.maxWait = 5 }))
    broker.end(.make(.status(429), pause: 10), at: 1000)
    #expect(broker.error(1)?.info.attempts == 1)
    #expect(broker.records.map(\.isRetried) == [false])
    broker.tick(60_000)
    #expect(broker.starts.count == 1 && broker.state.isIdle)
  }

  @Test func whoWaitsTooLongIsToldWhatFailed() throws {
    var broker = CallingBroker(slots: 1)
    broker.ask(try .make(1, options: .make { $0.maxWait = 60 }))
    broker.ask(try .make(2, at: 5))
    broker.end(.make(.reset), at: 10)
    broker.tick(60_010)
    #expect(broker.error(1)?.name == .deadlineExceeded)
    #expect(broker.error(1)?.message.hasSuffix("the last of 1 calls for it failed: gone") == true)
  }

  @Test func leavingInARestEndsIt() throws {
    var broker = CallingBroker()
    broker.ask(try .make(1))
    broker.end(.make(.reset), at: 10)
    broker.take(broker.state.left(.number(1), now: .at(11)), at: 11)
    broker.tick(60_000)
    #expect(broker.starts.count == 1 && broker.state.isIdle)
  }

  @Test func whoJoinsInARestIsAnsweredWithTheOthers() throws {
    var broker = CallingBroker()
    broker.ask(try .make(1))
    broker.end(.make(.reset), at: 10)
    broker.ask(try .make(2, asks: 1, at: 11))
    broker.tick(600)
    broker.end(nil, at: 610)
    #expect(broker.starts.count == 2)
    #expect(broker.info(1)?.cache == .miss && broker.info(2)?.cache == .joined)
  }

  @Test func aRestIsNotSatOutAtTheEnd() throws {
    var broker = CallingBroker()
    broker.ask(try .make(1))
    broker.end(.make(.reset), at: 10)
    broker.take(broker.state.stopping(now: .at(11)), at: 11)
    #expect(broker.error(1)?.name == .shuttingDown)
    #expect(broker.state.isIdle)
  }

  // MARK: Budgets

  @Test func anOutageIsNotAnsweredWithAMultipleOfTheCalls() throws {
    var broker = CallingBroker(slots: 100) { $0.breaker.failures = 1000 }
    for number in 1...100 as ClosedRange<UInt64> { broker.ask(try .make(number)) }
    broker.end(.make(.status(500)), at: 10)
    #expect(broker.state.figures.retrying == 20)
    #expect(broker.replies.count == 80)
    #expect(broker.error(100)?.message.contains("retry.budget") == true)
  }

  @Test func aPauseOfNoTimeIsNone() throws {
    var broker = CallingBroker(slots: 100) { $0.breaker.failures = 1000 }
    for number in 1...100 as ClosedRange<UInt64> { broker.ask(try .make(number)) }
    broker.end(.make(.status(503), pause: 0), at: 10)
    #expect(broker.state.figures.retrying == 20 && broker.replies.count == 80)
  }

  @Test func waitingOutAPauseCostsNothing() throws {
    var broker = CallingBroker(slots: 100)
    for number in 1...100 as ClosedRange<UInt64> { broker.ask(try .make(number)) }
    broker.end(.make(.status(429), pause: 1), at: 10)
    #expect(broker.replies.isEmpty && broker.state.queued == 100)
  }

  // MARK: Pauses

  @Test func noCallIsMadeInAPauseAndAllAfterIt() throws {
    var broker = CallingBroker()
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
    var broker = CallingBroker()
    broker.ask(try .make(1))
    broker.end(.make(.status(429), pause: 2000), at: 100)
    // Too long for the request's own max_wait.
    #expect(broker.error(1) != nil)
    broker.ask(try .make(2, options: .make { $0.maxWait = 9000 }, at: 200))
    #expect(broker.state.running == 0)
    broker.take(broker.state.paused(0, false, now: .at(300)), at: 300)
    #expect(broker.state.running == 1)
  }

  // MARK: Keys

  @Test func aRejectedKeyIsSeenAndCallsGoOn() throws {
    var broker = CallingBroker()
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

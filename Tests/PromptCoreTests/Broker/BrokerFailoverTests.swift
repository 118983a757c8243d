import PromptProtocol
import Testing

@testable import PromptCore

/// Which upstream a request goes to while one fails.
@Suite struct BrokerFailoverTests {
  // MARK: Other upstreams

  @Test func whoIsNotReachedIsPassedOverAtOnce() throws {
    var broker = CallingBroker(upstreams: 3)
    broker.ask(try .make(1))
    broker.end(.make(.connect), at: 10)
    broker.end(.make(.connect), at: 20)
    broker.end(nil, at: 30)
    #expect(broker.starts == [0, 1, 2])
    #expect(broker.info(1)?.upstream == "c")
    #expect(broker.info(1)?.attempts == 3)
  }

  @Test func whenNoneIsReachedItRestsAndBeginsAnew() throws {
    var broker = CallingBroker(upstreams: 2)
    broker.ask(try .make(1))
    broker.end(.make(.connect), at: 10)
    broker.end(.make(.connect), at: 20)
    #expect(broker.state.figures.retrying == 1)
    broker.tick(2000)
    broker.end(nil, at: 2010)
    #expect(broker.starts == [0, 1, 0])
  }

  @Test func onlyAnUpstreamThatServesTheModelIsAsked() throws {
    var broker = CallingBroker(upstreams: 2) {
      $0.models = $0.name == "b" ? [Glob("n")] : [.everything]
    }
    broker.ask(try .make(1))
    broker.end(.make(.connect), at: 10)
    broker.tick(2000)
    #expect(broker.starts == [0, 0])
  }

  @Test func anotherFailureStaysWithItsUpstream() throws {
    var broker = CallingBroker(upstreams: 2)
    broker.ask(try .make(1))
    broker.end(.make(.status(500)), at: 10)
    broker.tick(2000)
    #expect(broker.starts == [0, 0])
  }

  /// Has the first upstream fail until it is left alone.
  private func failing(
    upstreams: Int = 2, slots: Int = 4, rules: BrokerState.Rules = .init()
  ) throws -> CallingBroker {
    var broker = CallingBroker(upstreams: upstreams, slots: slots, rules: rules) {
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
    var broker = CallingBroker(upstreams: 2, slots: 5) { $0.retry.attempts = 1 }
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

  @Test func whatFailsOnceItIsLeftAloneGoesToTheNextToo() throws {
    var broker = CallingBroker(upstreams: 2, slots: 16)
    for number in 1...16 as ClosedRange<UInt64> { broker.ask(try .make(number)) }
    broker.end(.make(.reset), at: 10)
    // Before the fifth three rest, as many as the budget allows, and the others go on at once.
    #expect(broker.state.lanes[1].running.count == 12)
    broker.tick(600)
    #expect(broker.state.lanes[1].running.count == 15)
  }

  @Test func whoSawInVainGoesToTheNextToo() throws {
    var broker = try failing()
    broker.ask(try .make(1, at: 10_000))
    #expect(broker.starts == [0])
    broker.end(.make(.status(503)), at: 10_010)
    #expect(broker.starts == [0, 1])
  }

  @Test func onceTheFirstAnswersAgainTheyComeBackToIt() throws {
    var broker = try failing(slots: 1)
    for number in 1...20 as ClosedRange<UInt64> { broker.ask(try .make(number, at: 100)) }
    #expect(broker.state.lanes[1].queue.count == 19)
    // One sees, and finds that it is back.
    broker.ask(try .make(21, at: 10_000))
    let probe = try #require(broker.lanes.first { $0.value == 0 }?.key)
    broker.lanes[probe] = nil
    broker.take(
      broker.state.callEnded(
        probe, .completed(CompletedAnswer(completion: Array("{}".utf8))), now: .at(10_010)),
      at: 10_010)
    #expect(broker.state.lanes[0].queue.count == 18 && broker.state.lanes[0].running.count == 1)
    #expect(broker.state.lanes[1].queue.count == 0)
  }

  @Test func callsThatHangSinceBeforeHoldUpNobody() throws {
    var broker = CallingBroker(slots: 16) { $0.retry.attempts = 1 }
    for number in 1...8 as ClosedRange<UInt64> { broker.ask(try .make(number)) }
    let hanging = broker.lanes
    broker.lanes = [:]
    for number in 11...15 as ClosedRange<UInt64> {
      broker.ask(try .make(number))
      broker.end(.make(.reset), at: 5)
    }
    broker.ask(try .make(21, at: 10_010))
    broker.tick(10_010)
    broker.end(nil, at: 10_020)
    for number in 22...25 as ClosedRange<UInt64> { broker.ask(try .make(number, at: 10_030)) }
    for time in [10_040, 10_050] as [Int64] { broker.end(nil, at: time) }
    #expect(broker.state.running >= 9, "beside the eight that hang")
    broker.lanes = hanging
    broker.end(.make(.reset), at: 100_000)
    #expect(broker.state.lanes[0].health.breaker.isClosed, "they say nothing of now")
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
    broker.ask(try .make(1, options: .make { $0.maxWait = 5 }, at: 100))
    broker.tick(5100)
    #expect(broker.error(1)?.name == .deadlineExceeded)
    #expect(broker.error(1)?.message.hasSuffix("the upstream a fails: gone") == true)
  }

  @Test func whoSeesInVainHasLostNoTry() throws {
    var broker = CallingBroker { $0.retry.attempts = 2 }
    for number in 101...105 as ClosedRange<UInt64> {
      broker.ask(try .make(number, options: .make { $0.maxWait = 1 }))
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

  @Test func whoJoinsWhatWaitsInVainGetsItToo() throws {
    var broker = try failing(upstreams: 1, rules: lenient)
    _ = broker.state.arrived(
      try .make(1, options: .make { $0.maxAge = 0 }, at: 6000))
    let flight = try #require(broker.state.waiters[.number(1)]?.flight)
    broker.take(broker.state.diskAnswered(flight, .make(1, life: 5), now: .at(6001)), at: 6001)
    #expect(broker.info(1) == nil && broker.state.queued == 1)
    broker.ask(try .make(2, asks: 1, at: 6002))
    #expect(broker.info(2)?.cache == .stale)
  }

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
    var broker = CallingBroker(slots: 5, rules: lenient) { $0.retry.attempts = 1 }
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
}

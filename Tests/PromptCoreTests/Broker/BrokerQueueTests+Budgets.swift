import PromptCore
import PromptProtocol
import TestSupport
import Testing

/// What clients may spend.
extension BrokerQueueTests {
  var day: Day { Day(name: "2026-11-25", starts: 0, ends: 86_400_000) }

  @Test func aBudgetThatIsUsedUpIsRefusedUntilTheNextDay() throws {
    var broker = Fixture(day: day)
    let poor = broker.client("poor") { $0.tokensPerDay = 10 }
    _ = broker.arrive(try .make(1, account: poor))
    _ = broker.end(1, tokens: TokenCount(prompt: 4, completion: 6))
    let refused = error(broker.arrive(try .make(2, account: poor, at: 86_000_000)), 2)
    #expect(refused?.name == .budgetExceeded)
    #expect(refused?.info.retryAfter == 400)
    #expect(refused?.message.contains("10 of 10 tokens") == true)
    broker.state.dayBegan(Day(name: "2026-11-26", starts: 86_400_000, ends: 172_800_000))
    #expect(started(broker.arrive(try .make(3, account: poor, at: 86_400_000))) == [3])
  }

  @Test func aClockThatIsSetBackBringsBackWhatTheDayHasSpent() throws {
    var broker = Fixture(day: day)
    let client = broker.client("a") { $0.tokensPerDay = 8 }
    _ = broker.arrive(try .make(1, account: client))
    _ = broker.end(1)
    broker.state.dayBegan(Day(name: "tomorrow", starts: day.ends, ends: .max))
    #expect(broker.state.accounts[client].spent.tokens == 0)
    broker.state.dayBegan(day)
    #expect(broker.state.accounts[client].spent.tokens == 8)
    #expect(error(broker.arrive(try .make(2, account: client)), 2)?.name == .budgetExceeded)
  }

  @Test func moneyCountsByThePriceOfTheModel() throws {
    var broker = Fixture(day: day) { $0.prices = ["m": Price(input: 1000, output: 2000)] }
    let poor = broker.client("poor") { $0.costPerDay = 0.01 }
    _ = broker.arrive(try .make(1, account: poor))
    let ended = broker.end(1, tokens: TokenCount(prompt: 4, completion: 6))
    let costs = ended.compactMap { if case .note(let record) = $0 { record.cost } else { nil } }
    #expect(costs == [0.016])
    let refused = error(broker.arrive(try .make(2, account: poor)), 2)
    #expect(refused?.name == .budgetExceeded)
    #expect(refused?.message.contains("0.02 of 0.01") == true)
  }

  @Test func whatWaitsWhenTheBudgetIsUsedUpIsTurnedAway() throws {
    var broker = Fixture(day: day)
    let poor = broker.client("poor") { $0.tokensPerDay = 8 }
    let rich = broker.client("rich")
    _ = broker.arrive(try .make(1, account: poor))
    _ = broker.arrive(try .make(2, account: poor))
    _ = broker.arrive(try .make(3, account: rich))
    let ended = broker.end(1)
    #expect(error(ended, 2)?.name == .budgetExceeded)
    #expect(started(ended) == [3])
  }

  @Test func whoHasNoBudgetWaitsForWhatAnotherPaysFor() throws {
    var broker = Fixture(day: day)
    let poor = broker.client("poor") { $0.tokensPerDay = 8 }
    let rich = broker.client("rich")
    _ = broker.arrive(try .make(1, account: poor))
    _ = broker.arrive(try .make(2, asks: 7, account: rich, at: 1))
    _ = broker.arrive(try .make(3, asks: 7, priority: .high, account: poor, at: 2))
    // Its first call uses the budget up, so the question goes by who can pay.
    #expect(started(broker.end(1, at: 3)) == [2])
    #expect(broker.state.accounts[rich].running == 1)
    let late = broker.arrive(try .make(4, asks: 7, account: poor, at: 4))
    #expect(error(late, 4) == nil)
    let ended = broker.end(2, at: 5)
    #expect(info(ended, 2)?.billed == .init(prompt: 3, completion: 5))
    #expect(info(ended, 3)?.billed == .init(prompt: 0, completion: 0))
    #expect(info(ended, 4)?.cache == .joined)
    #expect(broker.state.accounts[poor].spent.tokens == 8)
  }

  @Test func everybodyWhoIsTurnedAwayIsToldOnce() throws {
    var broker = Fixture(day: day)
    let poor = broker.client("poor") { $0.tokensPerDay = 8 }
    _ = broker.arrive(try .make(1, account: poor))
    for number in 2...4 as ClosedRange<UInt64> {
      _ = broker.arrive(try .make(number, asks: 7, account: poor, at: Int64(number)))
    }
    let told = broker.end(1, at: 9).filter { if case .reply = $0 { true } else { false } }
    #expect(told.count == 4)
    #expect(broker.state.isIdle)
  }

  @Test func aDeepBacklogMeetsItsBudgetWithoutGoingDeep() throws {
    var broker = Fixture(day: day)
    let poor = broker.client("poor") { $0.tokensPerDay = 8 }
    for number in 1...20_000 as ClosedRange<UInt64> {
      _ = broker.arrive(try .make(number, control: .bypass, account: poor))
    }
    let told = broker.end(1).filter { if case .reply = $0 { true } else { false } }
    #expect(told.count == 20_000)
    #expect(broker.state.isIdle)
  }

  /// What a caller writes as `max_tokens` is no more than a minute's tokens to the queue.
  @Test func anAbsurdRequestMisinformsNobody() throws {
    var policy = UpstreamPolicy(name: "a")
    policy.maxConcurrent = 1
    policy.tokensPerMinute = 1000
    var state = BrokerState(lanes: [Lane(policy: policy, origin: "o")])
    var limits = ClientLimits()
    limits.maxQueued = 2
    let client = state.admit(ClientTerms(name: "a", limits: limits))
    for number in 1...9 as ClosedRange<UInt64> {
      _ = state.arrived(
        try .make(
          number, control: .bypass, size: RequestSize(promptTokens: 1, maxTokens: .max),
          account: client))
    }
    #expect(state.lanes[0].queue.tokens <= 2000)
    // Refused by the upstream, it took nothing.
    _ = state.callEnded(FlightID(rawValue: 1), .failed(.make(.status(400))), now: .at(50))
    #expect(state.running == 1)
  }

  @Test func everybodyUnderANameSharesItsBudget() throws {
    var broker = Fixture(day: day)
    let one = broker.client("team") { $0.tokensPerDay = 8 }
    let other = broker.client("team") {
      $0.tokensPerDay = 8
      $0.maxQueued = 5
    }
    #expect(one != other)
    _ = broker.arrive(try .make(1, account: one))
    _ = broker.end(1)
    #expect(error(broker.arrive(try .make(2, account: other)), 2)?.name == .budgetExceeded)
  }

  @Test func whatWasSpentBeforeTheStartCounts() throws {
    let state = BrokerState(
      lanes: [], day: day, spent: ["poor": Spending(tokens: 7, cost: 1.5)])
    var copy = state
    let poor = copy.admit(ClientTerms(name: "poor"))
    #expect(copy.accounts[poor].spent == Spending(tokens: 7, cost: 1.5))
  }

  @Test func aCallThatIsGivenUpIsChargedForWhatCame() throws {
    var broker = Fixture(day: day)
    let client = broker.client("a")
    _ = broker.arrive(try .make(1, streams: true, account: client))
    let chunk = AnswerChunk(json: Array("{}".utf8))
    _ = broker.state.chunksCame(FlightID(rawValue: 1), [chunk, chunk])
    _ = broker.state.left(.number(1), now: .at(1))
    #expect(broker.state.accounts[client].spent.tokens == 50 + 2)
  }
}

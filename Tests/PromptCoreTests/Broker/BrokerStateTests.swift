import PromptCore
import PromptProtocol
import TestSupport
import Testing

/// What happens to a request, decided without a socket, a disk or a clock.
@Suite struct BrokerStateTests {
  func state(
    slots: Int = 1, origin: String = "https://a/v1",
    change: (inout BrokerState.Rules) -> Void = { _ in }
  ) -> BrokerState {
    var policy = UpstreamPolicy(name: "a")
    policy.maxConcurrent = slots
    policy.retry.attempts = 1
    var rules = BrokerState.Rules()
    change(&rules)
    return BrokerState(lanes: [Lane(policy: policy, origin: origin)], rules: rules)
  }

  func completed(_ refusal: NotStored? = nil, isMadeUp: Bool = false) -> AnswerOutcome {
    .completed(
      CompletedAnswer(
        completion: Array("{}".utf8), tokens: TokenCount(prompt: 3, completion: 5),
        refusal: refusal, isMadeUp: isMadeUp))
  }

  func flight(_ number: UInt64) -> FlightID { FlightID(rawValue: number) }

  /// The replies among the actions, by the number of the request.
  func replies(_ actions: [BrokerAction]) -> [RequestID: ChatReply] {
    var replies: [RequestID: ChatReply] = [:]
    for case .reply(let request, let reply) in actions { replies[request] = reply }
    return replies
  }

  func info(_ reply: ChatReply?) -> ReplyInfo? {
    switch reply {
    case .answer(_, let info): info
    case .failure(let error): error.info
    case nil: nil
    }
  }

  func error(_ reply: ChatReply?) -> WireError? {
    if case .failure(let error) = reply { error } else { nil }
  }

  func started(_ actions: [BrokerAction]) -> [FlightID] {
    actions.compactMap { if case .start(let flight, _, _, _) = $0 { flight } else { nil } }
  }

  /// Lets a request in and finds nothing for it on disk.
  @discardableResult
  func arrive(_ request: ChatRequest, _ state: inout BrokerState) -> [BrokerAction] {
    let actions = state.arrived(request)
    for case .lookUp(let flight, _) in actions {
      return actions + state.diskAnswered(flight, nil, now: request.arrived)
    }
    return actions
  }

  // MARK: The way of a request

  @Test func aRequestLooksOnDiskThenStartsThenIsAnsweredAndKept() throws {
    var state = state()
    let request = try ChatRequest.make(1)
    let arrived = state.arrived(request)
    #expect(arrived.contains(.lookUp(flight(1), .number(1))))
    #expect(state.queued == 0 && state.running == 0)
    let looked = state.diskAnswered(flight(1), nil, now: .at(2))
    #expect(started(looked) == [flight(1)])
    #expect(state.running == 1)
    state.firstByteCame(flight(1), now: .at(7))
    let ended = state.callEnded(flight(1), completed(), now: .at(12))
    let info = info(replies(ended)[.number(1)])
    #expect(info?.cache == .miss)
    #expect(info?.queued == 2)
    #expect(info?.firstByte == 5)
    #expect(info?.upstreamTime == 10)
    #expect(info?.billed == .init(prompt: 3, completion: 5))
    #expect(state.isIdle && state.running == 0)
  }

  @Test func theAnswerIsKeptBeforeAnybodyIsTold() throws {
    var state = state()
    arrive(try .make(1), &state)
    let actions = state.callEnded(flight(1), completed(), now: .at(1))
    let kept = actions.firstIndex { if case .keep(_, onDisk: true) = $0 { true } else { false } }
    let told = actions.firstIndex { if case .reply = $0 { true } else { false } }
    #expect(try #require(kept) < #require(told))
  }

  @Test func whatIsOnDiskIsServedAndGoesIntoMemoryAlone() throws {
    var state = state()
    _ = state.arrived(try .make(1))
    let answer = CachedAnswer.make(1)
    let actions = state.diskAnswered(flight(1), answer, now: .at(2500))
    #expect(actions.first == .promote(answer))
    #expect(info(replies(actions)[.number(1)])?.cache == .hit)
    #expect(info(replies(actions)[.number(1)])?.age == 2)
    #expect(state.isIdle)
    #expect(state.tally.diskHits == 1)
  }

  // MARK: Standing in

  private func failed(_ state: inout BrokerState, _ kind: CallFault.Kind) -> [BrokerAction] {
    state.callEnded(flight(1), .failed(.make(kind)), now: .at(60_000))
  }

  private func fail(
    _ kind: CallFault.Kind, grace: Int64 = 100, maxAge: Double? = nil
  ) throws -> ChatReply? {
    var state = state { $0.cache.staleIfError = .seconds(grace) }
    var options = RequestOptions()
    options.maxAge = maxAge
    _ = state.arrived(try .make(1, options: options))
    _ = state.diskAnswered(flight(1), .make(1, life: 5), now: .at(59_000))
    return replies(failed(&state, kind))[.number(1)]
  }

  @Test func anExpiredAnswerStandsInForAnUpstreamThatFails() throws {
    let reply = try fail(.connect)
    #expect(info(reply)?.cache == .stale)
    #expect(info(reply)?.age == 60)
    #expect(info(reply)?.billed == .init(prompt: 0, completion: 0))
  }

  @Test func itStandsInForNothingElse() throws {
    #expect(info(try fail(.status(400)))?.cache == nil)
    #expect(info(try fail(.tooLarge))?.cache == nil)
    #expect(info(try fail(.status(503)))?.cache == .stale)
  }

  @Test func itIsNeverOlderThanItMayBe() throws {
    #expect(info(try fail(.connect, grace: 59))?.cache == nil)
    #expect(info(try fail(.connect, grace: 0))?.cache == nil)
    #expect(info(try fail(.connect, maxAge: 59))?.cache == nil)
    #expect(info(try fail(.connect, maxAge: 60))?.cache == .stale)
  }

  @Test func whoHasGotChunksIsGivenNoOtherAnswer() throws {
    var state = state()
    _ = state.arrived(try .make(1, streams: true))
    _ = state.arrived(try .make(2, asks: 1))
    _ = state.diskAnswered(flight(1), .make(1, life: 5), now: .at(59_000))
    _ = state.chunksCame(flight(1), [AnswerChunk(json: Array("{}".utf8))])
    let replies = replies(failed(&state, .cut))
    #expect(info(replies[.number(1)])?.cache == nil)
    #expect(info(replies[.number(2)])?.cache == .stale)
    #expect(state.tally.stale == 1 && state.tally.errors == 1)
  }

  // MARK: Whose

  @Test func anotherServersAnswerIsNoAnswer() throws {
    var state = state(origin: "https://b/v1")
    _ = state.arrived(try .make(1))
    let actions = state.diskAnswered(flight(1), .make(1), now: .at(0))
    #expect(started(actions) == [flight(1)])
  }

  @Test(arguments: [
    (CacheControl.refresh, CacheOutcome.refreshed, true), (.bypass, .bypassed, false),
  ])
  func whoeverWantsAFreshAnswerAsksNoDisk(
    _ control: CacheControl, _ outcome: CacheOutcome, _ isKept: Bool
  ) throws {
    var state = state()
    let arrived = state.arrived(try .make(1, control: control))
    #expect(started(arrived) == [flight(1)])
    let ended = state.callEnded(flight(1), completed(), now: .at(0))
    #expect(info(replies(ended)[.number(1)])?.cache == outcome)
    #expect(ended.contains { if case .keep = $0 { true } else { false } } == isKept)
    #expect(state.tally.notStored == (isKept ? [:] : [.notAsked: 1]))
  }

  @Test func whoAsksOnlyTheCacheCausesNoCall() throws {
    var state = state()
    let actions = arrive(try .make(1, control: .only), &state)
    #expect(error(replies(actions)[.number(1)])?.name == .notCached)
    #expect(started(actions).isEmpty)
    #expect(state.isIdle)
  }

  @Test func anAnswerThatMustNotBeKeptIsNot() throws {
    var state = state()
    arrive(try .make(1), &state)
    let actions = state.callEnded(flight(1), completed(.truncated), now: .at(0))
    #expect(info(replies(actions)[.number(1)])?.cache == .miss)
    #expect(!actions.contains { if case .keep = $0 { true } else { false } })
    #expect(state.tally.notStored == [.truncated: 1])
  }

  @Test(arguments: [true, false])
  func aMadeUpAnswerGoesToDiskOnlyIfThatIsWanted(_ isWanted: Bool) throws {
    var state = state { $0.cache.keepSandbox = isWanted }
    arrive(try .make(1), &state)
    let actions = state.callEnded(flight(1), completed(isMadeUp: true), now: .at(0))
    let kept = actions.compactMap { if case .keep(_, let onDisk) = $0 { onDisk } else { nil } }
    #expect(kept == [isWanted])
  }

  @Test func withoutAnUpstreamThatServesTheModelItSaysWhatToWrite() throws {
    var none = BrokerState(lanes: [])
    let actions = none.arrived(try .make(1))
    #expect(error(replies(actions)[.number(1)])?.name == .noUpstream)
    var policy = UpstreamPolicy(name: "a")
    policy.models = [Glob("gpt-*")]
    var other = BrokerState(lanes: [Lane(policy: policy, origin: "https://a/v1")])
    let refused = other.arrived(try .make(1, model: "llama"))
    #expect(error(replies(refused)[.number(1)])?.message.contains("llama") == true)
  }

  // MARK: One flight

  @Test func identicalRequestsShareOneCallAndOnePays() throws {
    var state = state()
    arrive(try .make(1, asks: 9), &state)
    #expect(started(state.arrived(try .make(2, asks: 9, at: 5))).isEmpty)
    let replies = replies(state.callEnded(flight(1), completed(), now: .at(9)))
    #expect(info(replies[.number(1)])?.cache == .miss)
    #expect(info(replies[.number(2)])?.cache == .joined)
    #expect(info(replies[.number(2)])?.billed == .init(prompt: 0, completion: 0))
    #expect(info(replies[.number(2)])?.queued == 0)
    #expect(state.tally.joined == 1 && state.tally.misses == 1)
  }

  @Test func anErrorIsEverybodysAtOnce() throws {
    var state = state()
    arrive(try .make(1, asks: 9), &state)
    _ = state.arrived(try .make(2, asks: 9))
    let actions = state.callEnded(flight(1), .failed(.make(.reset)), now: .at(1))
    let replies = replies(actions)
    #expect(replies.count == 2)
    #expect(replies.values.allSatisfy { error($0)?.name == .upstreamUnreachable })
    #expect(state.isIdle)
  }

  @Test(arguments: [CacheControl.refresh, .bypass])
  func aFreshAnswerIsNeitherJoinedNorJoins(_ control: CacheControl) throws {
    var state = state(slots: 3)
    arrive(try .make(1, asks: 9), &state)
    #expect(started(state.arrived(try .make(2, asks: 9, control: control))) == [flight(2)])
    let third = state.arrived(try .make(3, asks: 9))
    #expect(!third.contains(.lookUp(flight(3), .number(9))), "it joins the first flight")
  }

  @Test func theLastOneLeavingEndsTheCallAndTheNextGetsItsSlot() throws {
    var state = state()
    arrive(try .make(1), &state)
    arrive(try .make(2), &state)
    #expect(state.queued == 1)
    let actions = state.left(.number(1), now: .at(3))
    #expect(actions.first == .abort(flight(1)))
    #expect(started(actions) == [flight(2)])
    #expect(state.running == 1 && state.queued == 0)
  }

  @Test func aCallGoesOnForThoseWhoStay() throws {
    var state = state()
    arrive(try .make(1, asks: 9), &state)
    _ = state.arrived(try .make(2, asks: 9, client: "bob"))
    #expect(state.left(.number(1), now: .at(1)).isEmpty)
    let replies = replies(state.callEnded(flight(1), completed(), now: .at(2)))
    // Who outstays the leader leads, and pays.
    #expect(info(replies[.number(2)])?.billed == .init(prompt: 3, completion: 5))
    #expect(replies[.number(1)] == nil)
  }

  @Test func aQueuedFlightTakesTheBestClassOfThoseWhoWaitForIt() throws {
    var state = state()
    arrive(try .make(1), &state)
    arrive(try .make(2, asks: 8, priority: .low), &state)
    arrive(try .make(3, asks: 9, priority: .normal), &state)
    arrive(try .make(4, asks: 8, priority: .high), &state)
    #expect(state.rows(now: .at(0)).first { $0.request == .number(2) }?.position == 1)
    _ = state.left(.number(4), now: .at(0))
    #expect(state.rows(now: .at(0)).first { $0.request == .number(2) }?.position == 2)
  }

  @Test func theShortestLifeThatAnybodyAskedForHolds() throws {
    var state = state()
    var options = RequestOptions()
    options.ttl = 10
    arrive(try .make(1, asks: 9), &state)
    _ = state.arrived(try .make(2, asks: 9, options: options))
    let actions = state.callEnded(flight(1), completed(), now: .at(1000))
    let kept = actions.compactMap { if case .keep(let answer, _) = $0 { answer } else { nil } }
    #expect(kept.map(\.expires) == [11_000])
  }

  // MARK: The queue

  @Test func theBetterClassGoesFirstAndWithinAClassWhoCameFirst() throws {
    var state = state()
    arrive(try .make(1), &state)
    for (number, priority) in [(2, PriorityClass.low), (3, .high), (4, .normal), (5, .high)] {
      arrive(try .make(UInt64(number), priority: priority), &state)
    }
    var order: [FlightID] = []
    var running = flight(1)
    while let next = started(state.callEnded(running, completed(), now: .at(0))).first {
      order.append(next)
      running = next
    }
    #expect(order == [3, 5, 4, 2].map { flight($0) })
  }

  @Test func pastTheLimitTheQueueIsFull() throws {
    var state = state { $0.queue.maxQueued = 1 }
    arrive(try .make(1), &state)
    arrive(try .make(2), &state)
    let refused = error(replies(arrive(try .make(3), &state))[.number(3)])
    #expect(refused?.name == .queueFull)
    #expect(try #require(refused?.info.retryAfter) >= 1)
    #expect(state.queued == 1)
  }

  @Test func slotsAreCallsAfterEveryEvent() throws {
    var state = state(slots: 4)
    var calls: Set<FlightID> = []
    var generator = SplitMix(seed: 7)
    for number in 1...2000 as ClosedRange<UInt64> {
      var actions: [BrokerAction]
      switch Int.random(in: 0..<4, using: &generator) {
      case 0, 1:
        let priority = PriorityClass.allCases.randomElement(using: &generator) ?? .low
        actions = arrive(
          try .make(number, asks: number % 50, priority: priority, at: Int64(number)), &state)
      case 2:
        guard let flight = calls.min() else { continue }
        calls.remove(flight)
        actions = state.callEnded(flight, completed(), now: .at(Int64(number)))
      default: actions = state.left(.number(number / 2), now: .at(Int64(number)))
      }
      for action in actions {
        switch action {
        case .start(let flight, _, _, _): #expect(calls.insert(flight).inserted)
        case .abort(let flight): #expect(calls.remove(flight) != nil)
        case .lookUp, .began, .chunks, .event, .reply, .keep, .promote, .wake, .note, .upstream:
          continue
        }
      }
      #expect(state.running == calls.count && calls.count <= 4)
      #expect(state.queued == 0 || calls.count >= 2, "low and idle may not hold all of the slots")
    }
  }

}

import PromptProtocol
import Testing

@testable import PromptCore

/// What a new configuration changes while requests wait and run.
@Suite struct BrokerConfigurationTests {
  private func upstream(
    _ name: String, origin: String? = nil, slots: Int = 1, models: [String] = ["*"]
  ) -> BrokerState.Upstream {
    var policy = UpstreamPolicy(name: name)
    policy.maxConcurrent = slots
    policy.models = models.map { Glob($0) }
    return .init(policy: policy, origin: origin ?? "https://\(name)/v1")
  }

  private func state(_ upstreams: BrokerState.Upstream...) -> BrokerState {
    BrokerState(lanes: upstreams.map { Lane(policy: $0.policy, origin: $0.origin) })
  }

  private func started(_ actions: [BrokerAction]) -> [Int] {
    actions.compactMap { if case .start(_, let lane, _, _) = $0 { lane } else { nil } }
  }

  private func errors(_ actions: [BrokerAction]) -> [ErrorName] {
    actions.compactMap {
      if case .reply(_, .failure(let error)) = $0 { error.name } else { nil }
    }
  }

  @discardableResult
  private func ask(_ state: inout BrokerState, _ numbers: ClosedRange<UInt64>) throws
    -> [BrokerAction]
  {
    try numbers.flatMap { state.arrived(try .make($0, control: .bypass)) }
  }

  @Test func moreSlotsAreFilledAtOnce() throws {
    var state = state(upstream("a"))
    try ask(&state, 1...5)
    let (lanes, actions) = state.reconfigured(
      [upstream("a", slots: 3)], rules: .init(), now: .at(1))
    #expect(lanes == [0])
    #expect(started(actions) == [0, 0])
    #expect(state.running == 3 && state.queued == 2)
  }

  @Test func fewerSlotsDisturbNobodyWhoRuns() throws {
    var state = state(upstream("a", slots: 3))
    try ask(&state, 1...5)
    let actions = state.reconfigured([upstream("a")], rules: .init(), now: .at(1)).actions
    #expect(started(actions).isEmpty && state.running == 3)
    let answer = AnswerOutcome.completed(CompletedAnswer(completion: Array("{}".utf8)))
    _ = state.callEnded(FlightID(rawValue: 1), answer, now: .at(2))
    #expect(state.running == 2, "there is no slot before all but one are free")
  }

  @Test func whatWaitsForAnUpstreamThatIsGoneGoesToAnother() throws {
    var state = state(upstream("a"))
    try ask(&state, 1...3)
    let (lanes, actions) = state.reconfigured([upstream("b")], rules: .init(), now: .at(1))
    #expect(lanes == [1])
    #expect(started(actions) == [1])
    #expect(state.lanes[0].queue.count == 0 && state.lanes[1].queue.count == 1)
    #expect(state.lanes[0].running.count == 1, "what runs is finished")
    #expect(state.figures.lanes.map(\.isRetired) == [false, true])
    let answer = AnswerOutcome.completed(CompletedAnswer(completion: Array("{}".utf8)))
    _ = state.callEnded(FlightID(rawValue: 1), answer, now: .at(2))
    #expect(state.figures.lanes.filter(\.isInUse).map(\.isRetired) == [false])
  }

  @Test func withoutAnotherItIsToldSo() throws {
    var state = state(upstream("a"))
    try ask(&state, 1...3)
    let actions = state.reconfigured([], rules: .init(), now: .at(1)).actions
    #expect(errors(actions) == [.noUpstream, .noUpstream])
    #expect(state.running == 1 && state.queued == 0)
    #expect(errors(try ask(&state, 4...4)) == [.noUpstream])
  }

  @Test func whatIsServedNoMoreLeaves() throws {
    var state = state(upstream("a"), upstream("b"))
    try ask(&state, 1...3)
    let actions = state.reconfigured(
      [upstream("a", models: ["other"]), upstream("b")], rules: .init(), now: .at(1)
    ).actions
    #expect(started(actions) == [1])
    #expect(state.lanes[1].queue.count == 1)
  }

  @Test func anUpstreamThatComesBackIsKnownAgain() throws {
    var state = state(upstream("a"))
    try ask(&state, 1...1)
    _ = state.reconfigured([upstream("b")], rules: .init(), now: .at(1))
    let (lanes, _) = state.reconfigured(
      [upstream("b"), upstream("a")], rules: .init(), now: .at(2))
    #expect(lanes == [1, 0])
    #expect(state.running == 1)
  }

  @Test func anotherAddressIsAnotherUpstream() throws {
    var state = state(upstream("a"))
    let (lanes, _) = state.reconfigured(
      [upstream("a", origin: "https://elsewhere/v1")], rules: .init(), now: .at(1))
    #expect(lanes == [1])
  }

  @Test func fileOrderIsTheNewOne() throws {
    var state = state(upstream("a"), upstream("b"))
    _ = state.reconfigured([upstream("b"), upstream("a")], rules: .init(), now: .at(1))
    #expect(started(try ask(&state, 1...1)) == [1])
  }

  @Test func aRestEndsAtTheUpstreamsThatThereAreThen() throws {
    var state = state(upstream("a"))
    try ask(&state, 1...2)
    _ = state.callEnded(FlightID(rawValue: 1), .failed(.make(.reset)), now: .at(1))
    _ = state.callEnded(FlightID(rawValue: 2), .failed(.make(.reset)), now: .at(1))
    _ = state.reconfigured([upstream("b")], rules: .init(), now: .at(2))
    #expect(started(state.ticked(now: .at(600))) == [1])
    _ = state.reconfigured([], rules: .init(), now: .at(601))
    #expect(state.queued == 0 && state.running == 1)
  }

  @Test func aKeyThatWasRejectedIsToBeSeen() throws {
    var state = state(upstream("a"))
    try ask(&state, 1...1)
    _ = state.callEnded(FlightID(rawValue: 1), .failed(.make(.status(401))), now: .at(1))
    #expect(state.lanes[0].health.isKeyRejected)
    _ = state.reconfigured([upstream("a")], rules: .init(), now: .at(2))
    #expect(!state.lanes[0].health.isKeyRejected)
  }

  // MARK: Pauses

  @Test func aPauseGoesWithItsUpstreamAndStaysWithItsName() throws {
    var state = state(upstream("a"))
    _ = state.paused(0, true, now: .at(0))
    _ = state.reconfigured([upstream("a", origin: "elsewhere")], rules: .init(), now: .at(1))
    #expect(state.lanes.map(\.isPaused) == [false, true])
    _ = state.reconfigured([], rules: .init(), now: .at(2))
    _ = state.reconfigured([upstream("a")], rules: .init(), now: .at(3))
    #expect(!state.lanes.contains { $0.isPaused })
  }

  @Test func whatFailsInAnUpstreamThatIsGoneGoesToAnother() throws {
    for fault in [CallFault.make(.status(503)), .make(.status(429), pause: 300)] {
      var state = state(upstream("a", slots: 9))
      try ask(&state, 1...9)
      _ = state.reconfigured(
        [upstream("a", origin: "elsewhere", slots: 9)], rules: .init(), now: .at(1))
      for flight in 1...9 as ClosedRange<UInt64> {
        _ = state.callEnded(FlightID(rawValue: flight), .failed(fault), now: .at(2))
      }
      #expect(state.lanes[1].running.count == 9 && state.lanes[0].queue.count == 0)
    }
  }

  // MARK: Clients

  @Test func otherLimitsHoldForTheSameClient() throws {
    var limits = ClientLimits()
    limits.maxInFlight = 1
    var state = state(upstream("a", slots: 9))
    let client = state.admit(ClientTerms(name: "c", limits: limits), rules: 0, now: .at(0)).client
    for number in 1...4 as ClosedRange<UInt64> {
      _ = state.arrived(try .make(number, control: .bypass, account: client))
    }
    #expect(state.running == 1)
    limits.maxInFlight = 3
    let (again, actions) = state.admit(
      ClientTerms(name: "c", limits: limits), rules: 1, now: .at(1))
    #expect(again == client)
    #expect(started(actions) == [0, 0])
    #expect(state.figures.clients["c"]?.limits.maxInFlight == 3)
    limits.maxInFlight = 5
    #expect(
      state.admit(ClientTerms(name: "c", limits: limits), rules: 1, now: .at(1)).client != client)
  }

  @Test func anotherMaxWaitHoldsForThoseWhoWait() throws {
    var state = state(upstream("a"))
    try ask(&state, 1...2)
    var rules = BrokerState.Rules()
    rules.queue.maxWait = .seconds(2)
    _ = state.reconfigured([upstream("a")], rules: rules, now: .at(1))
    rules.queue.maxWait = .seconds(5)
    _ = state.reconfigured([upstream("a")], rules: rules, now: .at(2))
    #expect(errors(state.ticked(now: .at(2000))).isEmpty)
    #expect(errors(state.ticked(now: .at(5000))) == [.deadlineExceeded])
  }

  @Test func limitsOnTimeBeginAndEnd() throws {
    var limited = upstream("a", slots: 9)
    limited.policy.requestsPerMinute = 1
    var state = state(upstream("a", slots: 9))
    try ask(&state, 1...2)
    _ = state.reconfigured([limited], rules: .init(), now: .at(1))
    try ask(&state, 3...4)
    #expect(state.running == 3 && state.queued == 1)
    let actions = state.reconfigured([upstream("a", slots: 9)], rules: .init(), now: .at(2)).actions
    #expect(started(actions) == [0])
  }
}

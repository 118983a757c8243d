import PromptCore
import PromptProtocol
import Testing

/// What those who wait are told before the end.
@Suite struct BrokerStreamTests {
  private let flight = FlightID(rawValue: 1)
  private let first = [AnswerChunk(json: Array("1".utf8)), AnswerChunk(json: Array("2".utf8))]
  private let second = [AnswerChunk(json: Array("3".utf8))]
  private let usage = AnswerChunk(json: Array("4".utf8), isUsageOnly: true)

  /// A broker with one slot and these requests, all of which ask the same.
  private func state(_ requests: ChatRequest...) throws -> BrokerState {
    var policy = UpstreamPolicy(name: "a")
    policy.maxConcurrent = 1
    var state = BrokerState(lanes: [Lane(policy: policy, origin: "https://a/v1")])
    for request in requests { _ = state.arrived(request) }
    _ = state.diskAnswered(flight, nil, now: .at(0))
    return state
  }

  private func reader(
    _ number: UInt64, usage: Bool = false, at milliseconds: Int64 = 0
  ) throws -> ChatRequest {
    try .make(number, asks: 9, streams: true, includesUsage: usage, at: milliseconds)
  }

  /// The chunks for each request among the actions.
  private func chunks(_ actions: [BrokerAction]) -> [RequestID: [AnswerChunk]] {
    var all: [RequestID: [AnswerChunk]] = [:]
    for case .chunks(let request, let chunks) in actions { all[request, default: []] += chunks }
    return all
  }

  private func beginnings(_ actions: [BrokerAction]) -> [RequestID: ReplyInfo] {
    var all: [RequestID: ReplyInfo] = [:]
    for case .began(let request, let info) in actions { all[request] = info }
    return all
  }

  // MARK: Chunks

  @Test func chunksGoToEverybodyWhoReadsAStream() throws {
    var state = try state(reader(1), reader(2), .make(3, asks: 9))
    let actions = state.chunksCame(flight, first)
    #expect(chunks(actions) == [.number(1): first, .number(2): first])
    #expect(chunks(state.chunksCame(flight, second)) == [.number(1): second, .number(2): second])
  }

  @Test func theBeginningIsToldOnceWithWhatIsKnown() throws {
    var state = try state(reader(1))
    state.firstByteCame(flight, now: .at(7))
    let begun = state.chunksCame(flight, first)
    let info = beginnings(begun)[.number(1)]
    #expect(info?.cache == .miss && info?.firstByte == 7 && info?.upstream == "a")
    #expect(info?.upstreamTime == nil && info?.billed == nil)
    #expect(begun.count == 2)
    #expect(beginnings(state.chunksCame(flight, second)).isEmpty)
  }

  @Test func whoJoinsInTheMiddleIsGivenWhatHasComeAndThenTheRest() throws {
    var state = try state(reader(1))
    _ = state.chunksCame(flight, first)
    _ = state.chunksCame(flight, second)
    let joined = state.arrived(try reader(2, at: 5))
    #expect(chunks(joined) == [.number(2): first + second])
    #expect(beginnings(joined)[.number(2)]?.cache == .joined)
    #expect(chunks(state.chunksCame(flight, [usage])).isEmpty)
    #expect(chunks(state.chunksCame(flight, second))[.number(2)] == second)
  }

  @Test func theUsageIsForThoseWhoAskedForIt() throws {
    var state = try state(reader(1), reader(2, usage: true))
    #expect(
      chunks(state.chunksCame(flight, first + [usage]))
        == [.number(1): first, .number(2): first + [usage]])
    let late = state.arrived(try reader(3))
    #expect(chunks(late)[.number(3)] == first)
  }

  @Test func theLeaderLeavingChangesNothingForTheOthers() throws {
    var state = try state(reader(1), reader(2))
    _ = state.chunksCame(flight, first)
    #expect(state.left(.number(1), now: .at(1)).isEmpty)
    #expect(chunks(state.chunksCame(flight, second)) == [.number(2): second])
  }

  @Test func chunksOfWhatIsOverGoNowhere() throws {
    var state = try state(reader(1))
    _ = state.left(.number(1), now: .at(1))
    #expect(state.chunksCame(flight, first).isEmpty)
  }

  // MARK: News

  private func curious(_ number: UInt64, asks question: UInt64) throws -> ChatRequest {
    var options = RequestOptions()
    options.events = true
    return try .make(number, asks: question, options: options)
  }

  private func events(_ actions: [BrokerAction]) -> [RequestID: ChatEvent] {
    var all: [RequestID: ChatEvent] = [:]
    for case .event(let request, let event) in actions { all[request] = event }
    return all
  }

  @Test func whoWantsToKnowIsToldThePlaceAndTheStart() throws {
    var state = try state(.make(1))
    _ = state.arrived(try curious(2, asks: 8))
    let queued = state.diskAnswered(FlightID(rawValue: 2), nil, now: .at(0))
    #expect(events(queued) == [.number(2): .queued(position: 1, eta: nil)])
    let outcome = AnswerOutcome.completed(CompletedAnswer(completion: Array("{}".utf8)))
    #expect(events(state.callEnded(flight, outcome, now: .at(40))) == [.number(2): .started])
    _ = state.arrived(try curious(3, asks: 7))
    let third = state.diskAnswered(FlightID(rawValue: 3), nil, now: .at(50))
    #expect(events(third) == [.number(3): .queued(position: 1, eta: 40)])
  }

  @Test func whoStartsAtOnceHasNotWaited() throws {
    var state = BrokerState(lanes: [Lane(policy: UpstreamPolicy(name: "a"), origin: "o")])
    _ = state.arrived(try curious(1, asks: 1))
    #expect(events(state.diskAnswered(flight, nil, now: .at(0))) == [.number(1): .started])
  }
}

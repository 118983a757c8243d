import PromptCore
import PromptProtocol
import TestSupport
import Testing

/// How waiting, calls and the broker itself end.
extension BrokerStateTests {
  @Test func aRequestThatMayNotWaitLongerIsToldWhereItWas() throws {
    var state = state()
    arrive(try .make(1), &state)
    var options = RequestOptions()
    options.maxWait = 2
    let arrived = arrive(try .make(2, options: options), &state)
    #expect(arrived.contains(.wake(Moment.at(2000).monotonic)))
    #expect(replies(state.ticked(now: .at(1999))).isEmpty)
    let late = error(replies(state.ticked(now: .at(2000)))[.number(2)])
    #expect(late?.name == .deadlineExceeded)
    #expect(late?.message.contains("queue") == true)
    #expect(state.queued == 0)
  }

  @Test func aDiskThatTakesTooLongHoldsNothing() throws {
    var state = state()
    let looking = state.arrived(try .make(1))
    #expect(looking.contains(.wake(Moment.at(5000).monotonic)))
    #expect(started(state.ticked(now: .at(4999))).isEmpty)
    #expect(started(state.ticked(now: .at(5000))) == [flight(1)])
    #expect(state.diskAnswered(flight(1), .make(1), now: .at(6000)).isEmpty)
    var only = self.state()
    _ = only.arrived(try .make(1, control: .only))
    let late = replies(only.ticked(now: .at(5000)))[.number(1)]
    #expect(error(late)?.name == .notCached)
  }

  @Test func theLongestWaitEndsWithTheQueue() throws {
    var state = state()
    var options = RequestOptions()
    options.maxWait = 2
    arrive(try .make(1, options: options), &state)
    #expect(replies(state.ticked(now: .at(5000))).isEmpty)
    #expect(state.running == 1)
  }

  @Test func aTimeoutEndsTheCallOfTheLast() throws {
    var state = state()
    var options = RequestOptions()
    options.timeout = 1
    arrive(try .make(1, options: options), &state)
    let actions = state.ticked(now: .at(1000))
    #expect(error(replies(actions)[.number(1)])?.message.contains("upstream") == true)
    #expect(actions.contains(.abort(flight(1))))
    #expect(state.isIdle)
  }

  @Test func lookingOnDiskIsNoWaitingAndAFreeSlotNeedsNone() throws {
    var state = state()
    var options = RequestOptions()
    options.maxWait = 0
    _ = state.arrived(try .make(1, options: options))
    #expect(replies(state.ticked(now: .at(1))).isEmpty)
    #expect(started(state.diskAnswered(flight(1), nil, now: .at(2))) == [flight(1)])
    // The slot is taken now: whoever may not wait is told at once.
    _ = state.arrived(try .make(2, options: options))
    let late = state.diskAnswered(flight(2), nil, now: .at(3))
    #expect(error(replies(late)[.number(2)])?.name == .deadlineExceeded)
    #expect(state.queued == 0 && state.running == 1)
  }

  // MARK: Ends

  @Test func aCancelledRequestIsToldAndItsPlaceIsFree() throws {
    var state = state()
    arrive(try .make(1), &state)
    arrive(try .make(2), &state)
    let actions = state.cancelled(.number(2), now: .at(1))
    #expect(error(replies(actions)[.number(2)])?.name == .cancelled)
    #expect(state.queued == 0 && state.running == 1)
    #expect(state.cancelled(.number(2), now: .at(1)).isEmpty)
  }

  @Test func aStoppingBrokerRefusesWhatWaitsAndFinishesWhatRuns() throws {
    var state = state()
    arrive(try .make(1), &state)
    arrive(try .make(2), &state)
    let stopping = state.stopping(now: .at(1))
    #expect(error(replies(stopping)[.number(2)])?.name == .shuttingDown)
    #expect(error(replies(state.arrived(try .make(3)))[.number(3)])?.name == .shuttingDown)
    let ended = state.callEnded(flight(1), completed(), now: .at(1))
    #expect(info(replies(ended)[.number(1)])?.cache == .miss)
    #expect(state.isIdle)
  }

  @Test func whatOutlastsTheStopIsGivenUp() throws {
    var state = state()
    arrive(try .make(1), &state)
    _ = state.stopping(now: .at(1))
    let actions = state.stopped(now: .at(1))
    #expect(actions.first == .abort(flight(1)))
    #expect(error(replies(actions)[.number(1)])?.name == .shuttingDown)
    #expect(state.isIdle)
  }

  @Test func eventsOfWhatIsOverMeanNothing() throws {
    var state = state()
    arrive(try .make(1), &state)
    _ = state.callEnded(flight(1), completed(), now: .at(1))
    #expect(state.callEnded(flight(1), completed(), now: .at(2)).isEmpty)
    #expect(state.diskAnswered(flight(1), nil, now: .at(2)).isEmpty)
    #expect(state.left(.number(1), now: .at(2)).isEmpty)
    #expect(replies(state.ticked(now: .at(10_000_000))).isEmpty)
  }
}

import Testing

@testable import PromptCore

/// What is learnt of an upstream, and what is told of it.
@Suite final class LaneHealthTests {
  private var health = LaneHealth(UpstreamPolicy(name: "a"))
  private let flight = FlightID(rawValue: 1)

  private func time(_ seconds: Double) -> MonotonicTime {
    MonotonicTime(nanoseconds: Int64(seconds * 1e9))
  }

  private func end(_ fault: CallFault?, at seconds: Double = 0) -> [UpstreamChange] {
    _ = health.began(flight, now: time(seconds))
    return health.ended(flight, fault, slots: 4, now: time(seconds))
  }

  // MARK: Pauses

  @Test func aPauseThatItAsksForHoldsAllCalls() {
    #expect(end(.make(.status(429), pause: 2)) == [.held(seconds: 2)])
    #expect(health.hindrance(now: time(1.9)) == .until(time(2)))
    #expect(health.condition(now: time(1.9)) == .held)
    #expect(health.hindrance(now: time(2)) == nil)
    #expect(health.condition(now: time(2)) == .serving)
  }

  @Test func theLaterOfTwoPausesHoldsAndOneIsToldOf() {
    _ = end(.make(.status(429), pause: 10))
    #expect(end(.make(.status(503), pause: 2), at: 1) == [])
    #expect(health.heldUntil == time(10))
    #expect(end(.make(.status(429), pause: 20), at: 1) == [])
    #expect(health.heldUntil == time(21))
    #expect(end(.make(.status(429), pause: 5), at: 30) == [.held(seconds: 5)])
  }

  @Test func onlyAFailureThatPassesPausesIt() {
    _ = end(.make(.status(400), pause: 10))
    #expect(health.heldUntil == nil)
    #expect(end(.make(.status(429))) == [])
    #expect(health.heldUntil == nil)
  }

  @Test func noUpstreamIsBelievedForMoreThanADay() {
    _ = end(.make(.status(429), pause: 1e9))
    #expect(health.heldUntil == time(86_400))
    health.hasten(now: time(1))
    #expect(health.hindrance(now: time(1)) == nil)
  }

  // MARK: Keys

  @Test func aRejectedKeyIsToldOfOnceAndSoIsItsEnd() {
    #expect(end(.make(.status(401))) == [.keyRejected])
    #expect(end(.make(.status(401))) == [])
    #expect(health.isKeyRejected)
    #expect(end(.make(.status(503))) == [], "that says nothing of the key")
    #expect(end(nil) == [.keyAccepted])
    #expect(!health.isKeyRejected)
  }

  // MARK: The breaker

  @Test func theWayDownAndUpIsTold() {
    for _ in 1...4 { #expect(end(.make(.reset)) == []) }
    #expect(
      end(.make(.reset)) == [.failing(failures: 5, reason: "gone", pause: .seconds(10))])
    #expect(health.condition(now: time(1)) == .failing)
    #expect(health.opens(now: time(1)) == time(10))
    let change = health.began(flight, now: time(10))
    #expect(change == .probing)
    #expect(health.condition(now: time(10)) == .probing)
    #expect(
      end(.make(.reset), at: 11) == [.failing(failures: 6, reason: "gone", pause: .seconds(20))])
    _ = health.began(flight, now: time(31))
    #expect(health.trouble == "gone")
    #expect(end(nil, at: 32) == [.recovered])
    #expect(health.trouble == nil)
    let later = health.began(flight, now: time(33))
    #expect(later == nil)
  }
}

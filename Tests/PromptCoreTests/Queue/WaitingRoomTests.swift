import PromptCore
import Testing

@Suite struct WaitingRoomTests {
  private let alice = ClientID(rawValue: 1)
  private let bob = ClientID(rawValue: 2)

  private func full(_ limit: Int) -> WaitingRoom {
    var room = WaitingRoom(limit: limit)
    for _ in 0..<limit { _ = room.enter(alice, now: .seconds(0)) }
    return room
  }

  @Test func thereIsRoomForAsManyAsTheLimitSays() {
    var room = full(2)
    #expect(room.count == 2)
    #expect(room.enter(alice, now: .seconds(0)) == false)
    room.leave()
    #expect(room.enter(bob, now: .seconds(0)) == true)
    var endless = WaitingRoom(limit: nil)
    #expect(endless.enter(alice, now: .seconds(0)) == true)
  }

  @Test func whoComesBackAsToldFindsThePlaceThatWasPromised() {
    var room = full(2)
    #expect(room.promise(bob, every: 3000, now: .seconds(0)) == 3)
    room.leave()
    // The place that came free is Bob's.
    #expect(room.enter(alice, now: .seconds(2)) == false)
    #expect(room.enter(bob, now: .seconds(2)) == false)
    #expect(room.enter(bob, now: .seconds(3)) == true)
  }

  @Test func eachIsToldATimeOfItsOwn() {
    var room = full(100)
    let waits = (0..<4).map { _ in room.promise(bob, every: 2500, now: .seconds(0)) }
    #expect(waits == [3, 5, 8, 10])
  }

  @Test func aPromiseThatNobodyComesForIsGivenUp() {
    var room = full(2)
    _ = room.promise(bob, every: 1000, now: .seconds(0))
    room.leave()
    #expect(room.enter(alice, now: .seconds(6)) == false)
    #expect(room.enter(alice, now: .seconds(9)) == true)
  }

  /// A client that asks and asks is promised no more than its part.
  @Test func whoDoesNotWaitKeepsNobodyOut() {
    var room = full(80)
    _ = room.promise(bob, every: 10, now: .seconds(0))
    for _ in 0..<1000 { _ = room.promise(alice, every: 10, now: .seconds(0)) }
    for _ in 0..<12 { room.leave() }
    #expect(room.enter(bob, now: .seconds(1)) == true)
    for _ in 0..<20 { room.leave() }
    let carol = ClientID(rawValue: 3)
    #expect(room.enter(carol, now: .seconds(1)) == true)
  }
}

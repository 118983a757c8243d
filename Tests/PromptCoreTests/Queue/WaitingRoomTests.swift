import PromptCore
import Testing

@Suite struct WaitingRoomTests {
  private func guest(_ client: Int, _ question: UInt64) -> WaitingRoom.Guest {
    WaitingRoom.Guest(ClientID(rawValue: client), .number(question))
  }

  /// Whether a request gets in at a time in seconds, where a place comes free each second.
  private func enters(
    _ room: inout WaitingRoom, _ client: Int, _ question: UInt64, at seconds: Double
  ) -> Bool { room.enter(guest(client, question), every: 1000, now: .seconds(seconds)) }

  private func full(_ limit: Int) -> WaitingRoom {
    var room = WaitingRoom(limit: limit)
    for _ in 0..<limit { _ = enters(&room, 1, 0, at: 0) }
    return room
  }

  @Test func thereIsRoomForAsManyAsTheLimitSays() {
    var room = full(2)
    #expect(room.count == 2)
    #expect(!enters(&room, 1, 1, at: 0))
    room.leave()
    #expect(enters(&room, 2, 2, at: 0))
    var endless = WaitingRoom(limit: nil)
    #expect(enters(&endless, 1, 1, at: 0))
  }

  @Test func whatComesBackAsToldFindsThePlaceThatWasPromised() {
    var room = full(2)
    #expect(room.promise(guest(2, 7), every: 3000, now: .seconds(0)) == 3)
    room.leave()
    // The place that came free is kept, from others of the same client too.
    #expect(!enters(&room, 1, 1, at: 2))
    #expect(!enters(&room, 2, 8, at: 2))
    #expect(enters(&room, 2, 7, at: 3))
  }

  @Test func eachIsToldATimeOfItsOwnAndTheSameOneAgain() {
    var room = full(100)
    let waits = (0..<4).map { room.promise(guest(2, $0), every: 2500, now: .seconds(0)) }
    #expect(waits == [3, 5, 8, 10])
    #expect(room.promise(guest(2, 1), every: 2500, now: .seconds(1)) == 4)
  }

  /// Who comes back and finds it still full takes up no more promises than before.
  @Test func aPromiseThatCouldNotBeKeptIsMadeAnewInItsPlace() {
    var room = full(2)
    for second in 0..<200 {
      _ = room.promise(guest(2, 7), every: 500, now: .seconds(2 * Double(second)))
    }
    // Both of its two promises would be taken up, were one lost at each return.
    #expect(room.promise(guest(2, 8), every: 500, now: .seconds(400)) == 1)
    room.leave()
    #expect(!enters(&room, 1, 1, at: 401))
    #expect(enters(&room, 2, 8, at: 402))
  }

  @Test func whatIsPromisedForLaterIsFreeUntilThen() {
    var room = full(10)
    _ = room.promise(guest(2, 7), every: 20_000, now: .seconds(0))
    room.leave()
    #expect(enters(&room, 1, 1, at: 1))
  }

  @Test func aPlaceThatNobodyComesForIsGivenUp() {
    var room = full(2)
    _ = room.promise(guest(2, 7), every: 1000, now: .seconds(0))
    room.leave()
    #expect(!enters(&room, 1, 1, at: 6))
    #expect(enters(&room, 1, 1, at: 9))
  }

  /// A client that asks and asks, and never comes back for what it was promised.
  @Test func whoDoesNotComeBackKeepsNobodyOut() {
    var room = full(80)
    for number in 0..<1000 as Range<UInt64> {
      _ = room.promise(guest(1, number + 10), every: 10, now: .seconds(0))
    }
    let wait = room.promise(guest(2, 1), every: 10, now: .seconds(0))
    for _ in 0..<25 { room.leave() }
    #expect(enters(&room, 2, 1, at: wait))
    // Without a promise, once those of before are given up.
    #expect(!enters(&room, 3, 5000, at: 1))
    #expect(enters(&room, 3, 5000, at: 8))
  }
}

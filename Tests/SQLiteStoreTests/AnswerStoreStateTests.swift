import Testing

@testable import SQLiteStore

@Suite struct AnswerStoreStateTests {
  private var state = AnswerStoreState(mailboxLimit: 1 << 20)
  private let fault = StoreFault.unavailable(file: "f", cause: "full")
  private let size = AnswerTidying(entries: 1, bytes: 4096, evicted: 2, isUnfinished: false)

  @Test mutating func theWriterIsWokenOnceUntilItRests() {
    #expect(state.arrived(.make(1)) == true)
    #expect(state.arrived(.make(2)) == false)
    let turn = state.nextTurn(now: 0, everything: false)
    #expect(turn?.orders == [.store(.make(1)), .store(.make(2))])
    #expect(state.arrived(.make(3)) == false)
    #expect(state.nextTurn(now: 0, everything: false)?.orders == [.store(.make(3))])
    #expect(state.nextTurn(now: 0, everything: false) == nil)
    #expect(state.arrived(.make(4)) == true)
  }

  @Test mutating func aTransactionTakesSoManyEntriesAtMost() {
    for number in 0..<514 { _ = state.arrived(.make(number)) }
    var sizes: [Int] = []
    while let turn = state.nextTurn(now: 0, everything: false) { sizes.append(turn.orders.count) }
    #expect(sizes == [256, 256, 2])
  }

  @Test mutating func whatFindsNoRoomIsCounted() {
    for number in 0..<3 { _ = state.arrived(.make(number, size: 500_000)) }
    #expect(state.statistics.overflowed == 1)
    #expect(state.statistics.waitingBytes <= 1 << 20)
  }

  @Test mutating func fewUsesWaitForAWriteOrTheEnd() {
    let key = AnswerKey(key: .make(1), variant: .make(0))
    #expect(state.used(key, at: 5) == false)
    #expect(state.nextTurn(now: 0, everything: false) == nil)
    #expect(state.nextTurn(now: 0, everything: true)?.notes == [.init(key: key, time: 5)])
  }

  @Test mutating func inAPauseWhatWaitsIsGivenUp() {
    #expect(state.failed(fault, now: 1000) != nil)
    _ = state.arrived(.make(1))
    #expect(state.nextTurn(now: 1000 + AnswerStoreState.pause - 1, everything: true) == nil)
    #expect(state.statistics.lost == 1)
    #expect(state.statistics.waitingBytes == 0)
    #expect(state.arrived(.make(2)) == true)
    #expect(state.nextTurn(now: 1000 + AnswerStoreState.pause, everything: false) != nil)
  }

  @Test mutating func aClockSetBackEndsThePause() {
    _ = state.failed(fault, now: 1000)
    _ = state.arrived(.make(1))
    #expect(state.nextTurn(now: 10, everything: false) != nil)
  }

  @Test mutating func closingEndsThePause() {
    _ = state.failed(fault, now: 1000)
    _ = state.arrived(.make(1))
    state.closing()
    #expect(state.nextTurn(now: 1000, everything: true)?.orders.count == 1)
  }

  @Test mutating func troubleIsToldOnceAndItsEndOnce() {
    #expect(state.failed(fault, now: 0) == .degraded(reason: fault.description))
    #expect(state.failed(fault, now: 5000) == nil)
    #expect(state.statistics.trouble == fault.description)
    #expect(state.tidied(size) == .recovered)
    #expect(state.tidied(size) == nil)
    #expect(state.statistics.trouble == nil)
    #expect(state.statistics.evicted == 4)
  }

  @Test mutating func onlyAWriteEndsTheTroubleOfOne() {
    _ = state.failed(fault, now: 0)
    _ = state.failed(fault, writing: false, now: 1)
    #expect(state.tidied(size, wrote: false) == nil)
    #expect(state.tidied(size) == .recovered)
    _ = state.failed(fault, writing: false, now: 0)
    #expect(state.tidied(size, wrote: false) == .recovered)
  }

  @Test mutating func anUnfinishedRoundIsFollowedByAnother() {
    _ = state.tidied(.init(entries: 1, bytes: 1, evicted: 500, isUnfinished: true))
    let turn = state.nextTurn(now: 0, everything: false)
    #expect(turn == .init())
    _ = state.tidied(size)
    #expect(state.nextTurn(now: 0, everything: false) == nil)
  }

  // MARK: Answers on their way

  private mutating func next(at now: Int64 = 0) throws -> AnswerStoreState.Turn {
    let turn = state.nextTurn(now: now, everything: false)
    return try #require(turn)
  }

  /// What a look for an entry gives, in a word.
  private func look(_ number: Int) -> String {
    switch state.look(for: StoredAnswer.make(number).entry) {
    case .waiting(let answer): "waiting, \(answer.answer.count) bytes"
    case .none: "none"
    case .onDisk: "on disk"
    }
  }

  @Test mutating func whatIsOnItsWayIsFoundAndTheLastOfItsKey() throws {
    for size in [0, 10] { _ = state.arrived(.make(1, size: size)) }
    #expect(look(1) == "waiting, 17 bytes")
    #expect(look(2) == "none")
    let turn = try next()
    #expect(look(1) == "waiting, 17 bytes", "while it is being written")
    _ = state.arrived(.make(1, size: 20))
    state.stored(turn)
    #expect(look(1) == "waiting, 27 bytes")
    let last = try next()
    state.stored(last)
    #expect(look(1) == "none")
  }

  @Test mutating func whatCouldNotReplaceAnEntryRemovesItLater() throws {
    _ = state.arrived(.make(1, replaces: true))
    _ = state.arrived(.make(2))
    let turn = try next()
    state.lost(turn.orders)
    _ = state.failed(fault, now: 0)
    #expect(state.nextTurn(now: 0, everything: false) == nil)
    #expect(state.wantsRetry() == true)
    #expect(state.wantsRetry() == false)
    state.retried()
    let later = try next(at: 3000)
    #expect(later.removals == [StoredAnswer.make(1).entry])
    state.stored(later)
    #expect(state.nextTurn(now: 3000, everything: false) == nil)
    #expect(state.wantsRetry() == false)
  }

  @Test mutating func whatReplacesItAfterAllEndsThat() throws {
    _ = state.arrived(.make(1, replaces: true))
    let turn = try next()
    state.lost(turn.orders)
    state.stored([.make(1)])
    #expect(state.nextTurn(now: 0, everything: false) == nil)
  }

  @Test mutating func aReadThatFailsKeepsNoWriteWaiting() {
    #expect(state.readFailed(fault) == .degraded(reason: fault.description))
    _ = state.arrived(.make(1))
    #expect(state.readFailed(fault) == nil)
    #expect(state.nextTurn(now: 0, everything: false)?.orders.count == 1)
  }

  @Test mutating func aClosedStateTakesNothingIn() {
    state.closing()
    #expect(state.arrived(.make(1)) == false)
    #expect(state.used(AnswerKey(key: .make(1), variant: .make(0)), at: 5) == false)
    #expect(state.nextTurn(now: 0, everything: true) == nil)
  }
}

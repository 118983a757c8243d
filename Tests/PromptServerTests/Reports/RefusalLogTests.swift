import Logging
import PromptCore
import PromptProtocol
import Synchronization
import Testing

@testable import PromptServer

/// Refusals are worth a warning, and a flood of them one a second.
@Suite struct RefusalLogTests {
  private let entries = LogEntries()
  private let log: RefusalLog

  init() {
    let entries = entries
    log = RefusalLog(Logger(label: "test") { _ in entries })
  }

  private func note(
    _ name: ErrorName, client: String = "robot", uid: UInt32 = 7, atMilliseconds time: Int64
  ) {
    let now = Moment(monotonic: MonotonicTime(nanoseconds: time * 1_000_000), wall: time)
    log.note(name, client: client, uid: uid, now: now)
  }

  @Test func aFloodIsOneEntryASecondWithTheCount() {
    for time in 0..<2500 { note(.queueFull, atMilliseconds: Int64(time)) }
    #expect(entries.messages == ["refused", "refused 1000 times", "refused 1000 times"])
    #expect(entries.fields.first?["PROMPTD_ERROR"] == "queue_full")
    #expect(entries.fields.first?["PROMPTD_CLIENT"] == "robot")
    #expect(entries.fields.first?["PROMPTD_UID"] == "7")
  }

  @Test func eachKindHasItsOwnSecond() {
    note(.queueFull, atMilliseconds: 0)
    note(.parseError, atMilliseconds: 1)
    note(.parseError, atMilliseconds: 2)
    #expect(entries.fields.map { $0["PROMPTD_ERROR"] } == ["queue_full", "parse_error"])
  }

  @Test func eachClientIsNamedWithItsOwnRefusals() {
    for time in 0..<1001 {
      note(.queueFull, client: time % 2 == 0 ? "robot" : "other", atMilliseconds: Int64(time))
    }
    note(.queueFull, uid: 8, atMilliseconds: 1001)
    #expect(entries.messages == ["refused", "refused", "refused 500 times", "refused"])
    #expect(entries.fields.map { $0["PROMPTD_CLIENT"] } == ["robot", "other", "robot", "robot"])
    #expect(entries.fields.map { $0["PROMPTD_UID"] } == ["7", "7", "7", "8"])
  }

  @Test func moreClientsAtOnceThanCanBeKeptApartAreCountedAsOne() {
    for uid in 0..<3000 { note(.forbidden, uid: UInt32(uid), atMilliseconds: 0) }
    #expect(entries.messages.count == 1001)
    #expect(entries.fields.last?["PROMPTD_CLIENT"] == nil)
    note(.forbidden, uid: 5, atMilliseconds: 1000)
    #expect(entries.fields.last?["PROMPTD_UID"] == "5")
  }

  @Test func whatCannotBeAcceptedIsToldOnceAMinute() {
    for second in Int64(0)..<61 {
      let now = MonotonicTime(nanoseconds: second * 1_000_000_000)
      log.note(acceptFailure: "Too many open files", now: now)
    }
    #expect(entries.messages.count == 2)
    #expect(entries.fields.first?["PROMPTD_DETAIL"] == "Too many open files")
  }

  @Test(arguments: [
    ErrorName.upstreamError, .upstreamUnreachable, .streamInterrupted, .cancelled, .notCached,
  ])
  func whatPromptdDidNotDecideIsNoRefusal(_ name: ErrorName) {
    note(name, atMilliseconds: 0)
    #expect(entries.messages.isEmpty)
  }
}

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

  private func note(_ name: ErrorName, atMilliseconds time: Int64) {
    let now = Moment(monotonic: MonotonicTime(nanoseconds: time * 1_000_000), wall: time)
    log.note(name, client: "robot", uid: 7, now: now)
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

  @Test(arguments: [
    ErrorName.upstreamError, .upstreamUnreachable, .streamInterrupted, .cancelled, .notCached,
  ])
  func whatPromptdDidNotDecideIsNoRefusal(_ name: ErrorName) {
    note(name, atMilliseconds: 0)
    #expect(entries.messages.isEmpty)
  }
}

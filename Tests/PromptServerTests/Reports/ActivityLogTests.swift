import Logging
import Synchronization
import TestSupport
import Testing

@testable import PromptServer

struct ActivityLogTests {
  @Test func eachEntryTellsWhatCameSinceTheLast() {
    let entries = LogEntries()
    let activity = Watched(Activity())
    let log = ActivityLog(Logger(label: "test") { _ in entries }) { activity.value }
    activity.change { $0 = Activity(requests: 5, hits: 3, misses: 2, calls: 2) }
    log.tell()
    activity.change { $0 = Activity(requests: 9, hits: 6, misses: 2, errors: 1, calls: 2) }
    log.tell()
    #expect(entries.messages == ["activity", "activity"])
    #expect(entries.fields.map { $0["PROMPTD_REQUESTS"] } == ["5", "4"])
    #expect(entries.fields.map { $0["PROMPTD_HITS"] } == ["3", "3"])
    #expect(entries.fields.map { $0["PROMPTD_CALLS"] } == ["2", "0"])
    #expect(entries.fields.last?["PROMPTD_ERRORS"] == "1")
  }

  @Test func whereNothingHappenedNothingIsSaid() {
    let entries = LogEntries()
    let log = ActivityLog(Logger(label: "test") { _ in entries }) { Activity(requests: 1) }
    log.tell()
    log.tell()
    #expect(entries.messages.count == 1)
  }
}

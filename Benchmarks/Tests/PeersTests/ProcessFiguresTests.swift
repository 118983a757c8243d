import Glibc
import Peers
import Testing

struct ProcessFiguresTests {
  @Test func aProcessHasMemoryAndThreads() throws {
    let figures = try ProcessFigures(getpid())
    #expect(figures.residentMiB > 1)
    #expect(!figures.contextSwitches.isEmpty)
  }

  @Test func wakeUpsOfThreadsThatEndedAreNotSubtracted() throws {
    var before = try ProcessFigures(getpid())
    var after = before
    before.contextSwitches = ["1": 10, "2": 500]
    after.contextSwitches = ["1": 13, "3": 4]
    #expect(after.wakeUps(since: before) == 7)
  }

  @Test func aProcessThatIsNotThereIsAnError() {
    #expect(throws: PeerError.self) { try ProcessFigures(.max) }
  }
}

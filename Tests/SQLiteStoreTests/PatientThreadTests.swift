import Glibc
import Testing

@testable import SQLiteStore

struct PatientThreadTests {
  private static func niceness() -> Int32 {
    getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
  }

  @Test func itGoesBehindWhoeverWaitsForIt() {
    let own = Self.niceness()
    #expect(PatientThread.run { Self.niceness() } == max(own, 10))
    #expect(Self.niceness() == own)
  }

  @Test func whatWasDoneComesBack() throws {
    let result = PatientThread.run { Result<Int, StoreFault>.success(7) }
    #expect(try result.get() == 7)
    let fault = StoreFault.unavailable(file: "f", cause: "full")
    #expect(throws: StoreFault.self) {
      try PatientThread.run { Result<Int, StoreFault>.failure(fault) }.get()
    }
  }
}

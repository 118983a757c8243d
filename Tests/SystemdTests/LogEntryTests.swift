import Testing

@testable import Systemd

@Suite struct LogEntryTests {
  @Test(arguments: [
    ("PROMPTD_CLIENT", "PROMPTD_CLIENT"), ("a-b", "A_B"), ("1st", "X1ST"), ("_x", "X_X"),
  ])
  func namesBecomeWhatTheJournalTakes(_ key: String, _ name: String) {
    #expect(LogEntry.journalName(key) == name)
  }
}

import Testing

@testable import Systemd

struct LogFieldTests {
  @Test func everyFieldHasANameThatTheJournalTakes() {
    for field in LogField.allCases {
      #expect(field.rawValue.wholeMatch(of: /[A-Z][A-Z0-9_]{0,63}/) != nil)
      #expect(LogEntry.journalName(field.rawValue) == field.rawValue)
    }
  }
}

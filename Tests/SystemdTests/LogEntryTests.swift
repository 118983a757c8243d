import Testing

@testable import Systemd

struct LogEntryTests {
  @Test func longValuesAreCutBetweenScalars() {
    let entry = LogEntry.make(
      "x" + String(repeating: "é", count: 10_000),
      [("PROMPTD_DETAIL", String(repeating: "🙂", count: 10_000))])
    #expect(entry.message.utf8.count == 16_383)
    #expect(entry.message.unicodeScalars.allSatisfy { "xé".unicodeScalars.contains($0) })
    #expect(entry.fields[0].value == String(repeating: "🙂", count: 4096))
  }

  @Test func aValueOfTheGreatestLengthIsKept() {
    let value = String(repeating: "a", count: LogEntry.longestValue)
    #expect(LogEntry.make("", [("PROMPTD_DETAIL", value)]).fields[0].value == value)
  }

  @Test(
    "The journal takes every name, and none is one of its own",
    arguments: [
      ("PROMPTD_REQUEST", "PROMPTD_REQUEST"), ("MESSAGE_ID", "MESSAGE_ID"),
      ("message", "XMESSAGE"), ("PRIORITY", "XPRIORITY"),
      ("_UID", "X_UID"), ("a-b c", "A_B_C"), ("", "X"),
      ("é\n=", "X____"),
    ])
  func names(key: String, name: String) { #expect(LogEntry.journalName(key) == name) }

  @Test func namesAreNoLongerThanTheJournalTakes() {
    #expect(LogEntry.journalName(String(repeating: "k", count: 200)).utf8.count == 64)
  }
}

import FoundationEssentials
import Testing

@Suite(
  .enabled(if: PrivateJournal.isPossible, "a journal of one's own takes root and journald"),
  .timeLimit(.minutes(1)))
struct JournalTests {
  /// The fields of each entry that the probe logged.
  private func entries(_ arguments: String) throws -> [[String: String]] {
    let (probe, lines) = try PrivateJournal.entries(of: arguments)
    #expect(probe.code == 0, "\(probe.errors)")
    #expect(probe.values("stopped") == ["true"])
    #expect(probe.values("dropped") == ["0"])
    return try lines.map { try JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
  }

  @Test func entriesArriveWithTheirFields() throws {
    let entries = try entries(#""$1" log"#)
    #expect(entries.map { $0["MESSAGE"] } == ["call ended", "forgery", "too long", "other keys"])
    #expect(entries.map { $0["PRIORITY"] } == ["6", "4", "3", "5"])
    let first = try #require(entries.first)
    #expect(first["PROMPTD_REQUEST"] == "r-1")
    #expect(first["PROMPTD_TOKENS_IN"] == "12")
    #expect(first["PROMPTD_CLIENT"] == "probe")
    #expect(first["_UID"] == "0")
    #expect(!first.keys.contains { $0.hasPrefix("CODE_") })
  }

  @Test func aValueCannotForgeAField() throws {
    let entry = try #require(try entries(#""$1" log"#).dropFirst().first)
    #expect(entry["PROMPTD_DETAIL"] == "one\nPROMPTD_CLIENT=evil\nMESSAGE=two")
    #expect(entry["PROMPTD_CLIENT"] == nil)
    #expect(entry["MESSAGE"] == "forgery")
  }

  @Test func aLongValueIsCutAndTheRestOfTheEntryKept() throws {
    let entry = try #require(try entries(#""$1" log"#).dropFirst(2).first)
    #expect(entry["PROMPTD_DETAIL"] == String(repeating: "é", count: 8192))
    #expect(entry["MESSAGE_ID"] == "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c01")
  }

  @Test func aForeignKeyCannotPassForAFieldOfTheJournal() throws {
    let entry = try #require(try entries(#""$1" log"#).last)
    #expect(entry["XPRIORITY"] == "0")
    #expect(entry["PRIORITY"] == "5")
    #expect(entry["A_B"] == "plain")
  }

  @Test func autoFindsTheJournalBehindStandardError() throws {
    let stream =
      #"JOURNAL_STREAM=$(stat --dereference --format=%d:%i /proc/self/fd/2) "$1" log auto"#
    #expect(try entries(stream).count == 4)
    #expect(try entries(#"JOURNAL_STREAM=1:1 "$1" log auto"#).isEmpty)
  }

  @Test func aJournalThatStallsCostsEntriesAndNotTheProcess() throws {
    let ending = try PrivateJournal.run(
      """
      mkdir -p /run/systemd/journal
      exec "$1" flood /run/systemd/journal/socket
      """)
    #expect(ending.code == 0, "\(ending.errors)")
    #expect(ending.values("stopped") == ["false"])
    let dropped = try #require(ending.values("dropped").first.flatMap(Int.init))
    // 5000 logged, 4096 in the ring, and a few that the kernel's queue took.
    #expect((500...904).contains(dropped))
  }
}

import ArgumentParser
import JSON
import Testing

@testable import promptctl

struct LogRecordTests {
  private func tree(_ text: String) throws -> JSONTree { try JSONTree(parsing: text.utf8) }

  private let told = #"""
    {"time":"2026-11-23T15:04:05.123Z","level":"info","message":"call ended","cache":"miss",
     "client":"alice","message_id":"00","model":"m","upstream_ms":"12"}
    """#
  private let kept = #"""
    {"__REALTIME_TIMESTAMP":"1795446245123456","PRIORITY":"6","MESSAGE":"call ended","_PID":"7",
     "PROMPTD_CACHE":"miss","PROMPTD_CLIENT":"alice","PROMPTD_MODEL":"m","PROMPTD_UPSTREAM_MS":"12"}
    """#

  @Test func theJournalsEntryIsTheDaemonsOwn() throws {
    let journal = LogRecord(journal: try tree(kept))
    let expected = #"""
      {"time":"2026-11-23T15:04:05.123Z","level":"info","message":"call ended","cache":"miss",
       "client":"alice","model":"m","upstream_ms":"12"}
      """#
    #expect(try journal.json == tree(expected))
    #expect(journal == LogRecord(daemon: try tree(expected)))
  }

  @Test func theMostTellingFactsComeFirstAndIdentifiersOfMessagesNotAtAll() throws {
    let line = LogRecord(daemon: try tree(told)).line
    #expect(line.hasSuffix("  call ended  client=alice  model=m  cache=miss  upstream_ms=12"))
  }

  @Test func whatIsGraverThanUsualSaysSo() throws {
    let line = LogRecord(
      daemon: try tree(#"{"level":"error","message":"upstream fails","detail":"a b"}"#)
    ).line
    #expect(line.hasSuffix("  error: upstream fails  detail=\"a b\""))
  }

  @Test func filtersGoByWholeValues() throws {
    let record = LogRecord(daemon: try tree(told))
    #expect(try LogFilter.parse([]).matches(record))
    #expect(try LogFilter.parse(["--client", "alice", "--cache", "miss"]).matches(record))
    #expect(try !LogFilter.parse(["--client", "ali"]).matches(record))
    #expect(try !LogFilter.parse(["--request", "r-1"]).matches(record))
  }

  @Test func theJournalIsAskedForTheSame() throws {
    #expect(
      try LogFilter.parse(["--cache", "miss", "--client", "alice"]).journalMatches(user: 7) == [
        "_SYSTEMD_UNIT=promptd.service", "SYSLOG_IDENTIFIER=promptd", "PROMPTD_CLIENT=alice",
        "PROMPTD_CACHE=miss", "+", "_SYSTEMD_USER_UNIT=promptd.service", "_UID=7",
        "SYSLOG_IDENTIFIER=promptd", "PROMPTD_CLIENT=alice", "PROMPTD_CACHE=miss",
      ])
  }

  @Test func valuesThatTheJournalGivesAsBytesAreText() throws {
    let record = LogRecord(
      journal: try tree(#"{"MESSAGE":"m","PROMPTD_DETAIL":[97,9,98],"PROMPTD_MODEL":null}"#))
    #expect(record["detail"] == "a\tb")
    #expect(record["model"] == nil)
  }

  @Test func historyIsAskedForInTheWordsOfJournalctl() throws {
    #expect(try Log.parse(["-n", "5", "--since", "-1h", "-f"]).since == "-1h")
    #expect(throws: (any Error).self) { try Log.parse(["--lines", "-1"]) }
  }
}

import FoundationEssentials
import Logging
import Testing

@testable import Systemd

struct LogLineTests {
  /// Values that try to be more than values.
  private static let hostile = [
    "one\ntwo", "one\r\ntwo", "a b", #"say "x""#, #"back\slash"#, "a=b", "", "\u{2028}\u{85}",
    "\u{1B}[2J", "\0", "🙂 é", "trailing\\",
  ]

  private func text(_ entry: LogEntry) -> String {
    var line: [UInt8] = []
    LogLine.text(entry, to: &line)
    return String(decoding: line, as: UTF8.self)
  }

  private func json(_ entry: LogEntry) -> String {
    var line: [UInt8] = []
    LogLine.json(entry, to: &line)
    return String(decoding: line, as: UTF8.self)
  }

  @Test func aTextLineHasTimeLevelMessageAndFields() {
    let entry = LogEntry.make("call ended", [("PROMPTD_REQUEST", "r-1"), ("MESSAGE_ID", "5d")])
    #expect(
      text(entry)
        == "2026-11-23T15:04:05.123Z info call ended message_id=5d request=r-1\n")
  }

  @Test func millisecondsKeepTheirZeros() {
    let entry = LogEntry(level: .notice, message: "m", fields: [], time: 7)
    #expect(text(entry) == "1970-01-01T00:00:00.007Z notice m\n")
  }

  @Test(arguments: hostile) func noValueBeginsALineOrAField(value: String) {
    let line = text(.make(value, [("PROMPTD_DETAIL", value), ("PROMPTD_ERROR", "end")]))
    #expect(line.hasSuffix(" error=end\n"))
    #expect(
      line.dropLast().unicodeScalars.allSatisfy { scalar in
        scalar.value >= 0x20 && !["\u{7F}", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
      })
  }

  @Test func valuesThatCouldBeMisreadAreQuoted() {
    let line = text(.make("m", [("PROMPTD_DETAIL", "one\ntwo error=x \"y\"")]))
    #expect(line.hasSuffix(#" m detail="one\ntwo error=x \"y\""\#n"#))
  }

  @Test(arguments: hostile) func aJSONLineGivesTheValuesBack(value: String) throws {
    let line = json(.make(value, [("PROMPTD_DETAIL", value), ("PROMPTD_TIME", "never")]))
    #expect(line.utf8.filter { $0 == UInt8(ascii: "\n") }.count == 1)
    let object = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
    #expect(
      object == [
        "time": "2026-11-23T15:04:05.123Z", "level": "info", "message": value, "detail": value,
        "time_": "never",
      ])
  }
}

import JSON
import Logging
import Testing

@testable import Systemd

@Suite struct LogLineTests {
  private func entry(_ fields: [(name: String, value: String)]) -> LogEntry {
    LogEntry(level: .warning, message: "call failed", fields: fields, time: 1_700_000_000_123)
  }

  @Test func aLineForPeopleHasTimeLevelMessageAndFields() {
    let line = LogLine.text(entry([(LogField.client.rawValue, "alice"), ("OTHER", "a b")]))
    #expect(line == "2023-11-14T22:13:20.123Z warning call failed client=alice other=\"a b\"\n")
  }

  @Test(arguments: [
    "a\nb", "a\r\nb", "a\u{85}b", "a\u{2028}b", "\u{1B}[31mred", "\"", "\\", "", "=",
  ])
  func noValueCanForgeALineOrAnotherField(_ value: String) throws {
    let text = LogLine.text(entry([(LogField.label.rawValue, value)]))
    #expect(text.split(whereSeparator: \.isNewline).count == 1)
    #expect(!text.dropLast().unicodeScalars.contains { $0.value < 0x20 })
    let json = LogLine.json(entry([(LogField.label.rawValue, value)]))
    #expect(try JSONTree(parsing: Array(json.dropLast().utf8))["label"]?.string == value)
  }

  @Test func aLineForMachinesIsOneObject() throws {
    let line = LogLine.json(entry([(LogField.request.rawValue, "r-1")]))
    let tree = try JSONTree(parsing: Array(line.utf8))
    #expect(tree["level"]?.string == "warning")
    #expect(tree["message"]?.string == "call failed")
    #expect(tree["request"]?.string == "r-1")
  }
}

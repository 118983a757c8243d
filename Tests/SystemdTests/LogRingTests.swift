import Logging
import Testing

@testable import Systemd

@Suite struct LogRingTests {
  private func entry(_ message: String) -> LogEntry {
    LogEntry(level: .info, message: message, fields: [], time: 0)
  }

  @Test func entriesComeOutInTheirOrder() {
    var ring = LogRing(limit: 3)
    for message in ["a", "b", "c"] { ring.append(entry(message)) }
    #expect(ring.take().entries.map(\.message) == ["a", "b", "c"])
    #expect(ring.entries.isEmpty)
  }

  @Test func whatFindsNoRoomIsCountedOnceAndInAll() {
    var ring = LogRing(limit: 2)
    for message in ["a", "b", "c", "d"] { ring.append(entry(message)) }
    let first = ring.take()
    #expect(first.entries.map(\.message) == ["a", "b"])
    #expect(first.dropped == 2)
    ring.append(entry("e"))
    #expect(ring.take().dropped == 0)
    #expect(ring.dropped == 2)
  }
}

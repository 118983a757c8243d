import Testing

@testable import Systemd

struct LogRingTests {
  private func drain(_ ring: inout LogRing) -> [String] {
    var texts: [String] = []
    while let entry = ring.next(now: 0) { texts.append(text(entry)) }
    return texts
  }

  private func text(_ entry: LogEntry) -> String {
    let fields = entry.fields.filter { $0.name != LogField.messageID.rawValue }
    return ([entry.message] + fields.map(\.value)).joined(separator: " ")
  }

  @Test func entriesComeOutInTheirOrderRoundAndRound() {
    var ring = LogRing(limit: 3)
    for round in 0..<5 {
      ring.append(.make("\(round)a"))
      ring.append(.make("\(round)b"))
      #expect(drain(&ring) == ["\(round)a", "\(round)b"])
    }
    #expect(ring.dropped == 0)
  }

  @Test func whatFindsNoRoomIsCountedAndToldOnceHalfIsFree() {
    var ring = LogRing(limit: 4)
    for number in 0..<7 { ring.append(.make("\(number)")) }
    #expect(ring.count == 4)
    #expect(ring.dropped == 3)
    #expect(drain(&ring) == ["0", "1", "log entries dropped 3", "2", "3"])
    #expect(drain(&ring).isEmpty)
  }

  @Test func eachCountIsToldOnce() {
    var ring = LogRing(limit: 1)
    for _ in 0..<2 {
      for _ in 0..<3 { ring.append(.make("x")) }
      #expect(drain(&ring) == ["x", "log entries dropped 2"])
    }
    #expect(ring.dropped == 4)
  }

  @Test func aLogThatStaysTooBusyIsNotFilledWithCounts() {
    var ring = LogRing(limit: 8)
    var written: [String] = []
    for number in 0..<1000 {
      ring.append(.make("\(number)"))
      ring.append(.make("\(number)"))
      if let entry = ring.next(now: 0) { written.append(entry.message) }
    }
    #expect(!written.contains("log entries dropped"))
    #expect(written.count + ring.dropped + ring.count == 2000)
  }
}

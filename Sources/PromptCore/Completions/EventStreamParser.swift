/// Reads server-sent events (WHATWG HTML, section 9.2.6) from bytes that may be cut anywhere.
/// Only the data matters here: event names, ids and retry times are passed over.
package struct EventStreamParser: Sendable {
  private var line: [UInt8] = []
  private var data: [UInt8]?
  /// A line ended with a carriage return: a line feed right after it belongs to that end.
  private var skipsLineFeed = false
  private var isFirstLine = true

  package init() {}

  /// Takes the next bytes and returns the data of every event that they complete.
  package mutating func add(_ bytes: [UInt8]) -> [[UInt8]] {
    var events: [[UInt8]] = []
    var start = 0
    for index in bytes.indices {
      let byte = bytes[index]
      guard byte == 0x0A || byte == 0x0D else {
        skipsLineFeed = false
        continue
      }
      defer { start = index + 1 }
      if byte == 0x0A, skipsLineFeed {
        skipsLineFeed = false
        continue
      }
      skipsLineFeed = byte == 0x0D
      line.append(contentsOf: bytes[start..<index])
      if let event = endLine() { events.append(event) }
    }
    line.append(contentsOf: bytes[start...])
    return events
  }

  /// The data of an event that has begun and not ended; the standard would have it thrown away.
  var unfinished: [UInt8]? {
    var parser = self
    let last = parser.endLine() ?? parser.endLine()
    return last
  }

  private mutating func endLine() -> [UInt8]? {
    defer { line.removeAll(keepingCapacity: true) }
    if isFirstLine {
      isFirstLine = false
      if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    }
    if line.isEmpty {
      defer { data = nil }
      // An event without data is none.
      return data?.isEmpty == true ? nil : data
    }
    let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
    guard line[..<colon].elementsEqual("data".utf8) else { return nil }
    var value = line[colon...].dropFirst()
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    if data == nil { data = Array(value) } else { data?.append(contentsOf: [0x0A] + value) }
    return nil
  }
}

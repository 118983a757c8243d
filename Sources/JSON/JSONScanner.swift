/// Finds the offsets of every value in bytes that simdjson has accepted.
///
/// The grammar is known to hold, so each step only asks which token begins here.
struct JSONScanner {
  private(set) var nodes: [JSONNode] = []
  /// The open containers, outermost first.
  private var open: [Int] = []

  /// Gives the index back when a large document made it larger than `limit`.
  mutating func trim(to limit: Int) {
    if nodes.capacity > limit { nodes = [] }
  }

  /// Fills `nodes` from `count` bytes that are followed by at least 8 readable ones; throws for
  /// more than `maximumDepth` levels, for duplicate names and for lone surrogates.
  mutating func scan(
    _ bytes: UnsafePointer<UInt8>, count: Int, maximumDepth: Int
  ) throws {
    nodes.removeAll(keepingCapacity: true)
    open.removeAll(keepingCapacity: true)
    var position = 0
    while position < count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position = try string(bytes, position, count)
      case UInt8(ascii: "{"):
        try begin(.object, at: position, maximumDepth)
        position += 1
      case UInt8(ascii: "["):
        try begin(.array, at: position, maximumDepth)
        position += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        position += 1
        try close(bytes, at: position)
      case UInt8(ascii: "t"), UInt8(ascii: "n"):
        append(bytes[position] == UInt8(ascii: "n") ? .null : .bool, position, position + 4)
        position += 4
      case UInt8(ascii: "f"):
        append(.bool, position, position + 5)
        position += 5
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        position = number(bytes, position, count)
      default:
        position += 1  // white space, a colon or a comma
      }
    }
    guard open.isEmpty, !nodes.isEmpty else { throw JSONError("is not complete") }
  }

  private mutating func append(_ kind: JSONKind, _ start: Int, _ end: Int, escapes: Bool = false) {
    nodes.append(
      JSONNode(
        start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end),
        next: UInt32(truncatingIfNeeded: nodes.count + 1), kind: kind, hasEscapes: escapes))
  }

  /// simdjson does not count an empty innermost container, so the depth is counted here.
  private mutating func begin(_ kind: JSONKind, at position: Int, _ maximumDepth: Int) throws {
    guard open.count < maximumDepth else { throw JSONError.tooDeep(maximumDepth) }
    open.append(nodes.count)
    append(kind, position, position)
  }

  private mutating func close(_ bytes: UnsafePointer<UInt8>, at end: Int) throws {
    guard let index = open.popLast() else { throw JSONError("closes what was not opened") }
    nodes[index].end = UInt32(truncatingIfNeeded: end)
    nodes[index].next = UInt32(truncatingIfNeeded: nodes.count)
    guard nodes[index].kind == .object else { return }
    try nodes.withUnsafeBufferPointer { buffer in
      guard let first = buffer.baseAddress else { return }
      let object = JSONValue(bytes: bytes, nodes: first, index: index)
      if DuplicateNames.contains(object) { throw JSONError("has two members of the same name") }
    }
  }

  private mutating func number(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ count: Int) -> Int {
    var position = start + 1
    var kind = JSONKind.integer
    while position < count {
      switch bytes[position] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"): break
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): kind = .double
      default:
        append(kind, start, position)
        return position
      }
      position += 1
    }
    append(kind, start, position)
    return position
  }

  private mutating func string(
    _ bytes: UnsafePointer<UInt8>, _ start: Int, _ count: Int
  ) throws -> Int {
    var position = start + 1
    var escapes = false
    while true {
      position = Self.quoteOrBackslash(bytes, from: position, count: count)
      guard position < count else { throw JSONError("has a string without an end") }
      if bytes[position] == UInt8(ascii: "\"") { break }
      escapes = true
      position = try Self.afterEscape(bytes, position)
    }
    append(.string, start, position + 1, escapes: escapes)
    return position + 1
  }

  /// The offset of the next quote or backslash, or `count`; eight bytes a step.
  private static func quoteOrBackslash(
    _ bytes: UnsafePointer<UInt8>, from start: Int, count: Int
  ) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    let raw = UnsafeRawPointer(bytes)
    var position = start
    while position < count {
      let word = UInt64(
        littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let quote = word ^ (ones &* 0x22)
      let slash = word ^ (ones &* 0x5C)
      // The classic test for a zero byte; the lowest flag is always a true one.
      let found = ((quote &- ones) & ~quote | (slash &- ones) & ~slash) & highs
      if found != 0 { return min(position + found.trailingZeroBitCount / 8, count) }
      position += 8
    }
    return count
  }

  /// Steps over one escape and checks that surrogates come in pairs: `JSONStrings` relies on it,
  /// whatever the version of simdjson.
  private static func afterEscape(_ bytes: UnsafePointer<UInt8>, _ position: Int) throws -> Int {
    guard bytes[position + 1] == UInt8(ascii: "u") else { return position + 2 }
    let unit = JSONStrings.hexUnit(bytes + position + 2)
    switch unit {
    case 0xD800..<0xDC00:
      guard bytes[position + 6] == UInt8(ascii: "\\"), bytes[position + 7] == UInt8(ascii: "u"),
        (0xDC00..<0xE000).contains(JSONStrings.hexUnit(bytes + position + 8))
      else { throw JSONError("has a lone surrogate in a string") }
      return position + 12
    case 0xDC00..<0xE000:
      throw JSONError("has a lone surrogate in a string")
    default:
      return position + 6
    }
  }
}

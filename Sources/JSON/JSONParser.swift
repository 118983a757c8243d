import CSimdJSON

/// Parses one document at a time into a flat index that it reuses, so that a parse of ordinary
/// size allocates nothing. One parser belongs to one thread.
///
/// simdjson judges the bytes; our own scan of what it accepted finds the offsets, and refuses
/// what it cannot be relied on to look at: duplicate names and lone surrogates (RFC 7493,
/// sections 2.1 and 2.3).
package final class JSONParser {
  /// How many readable bytes must follow the input (simdjson reads whole vectors).
  package static let padding = 64
  /// How deep arrays and objects may nest.
  package static let maximumDepth = 1024
  /// The longest input in bytes: offsets are 32 bits wide, and simdjson's buffers, which grow by
  /// doubling, end below 4 GiB.
  private static let maximumCount = 1 << 31
  /// Nodes kept between documents; a larger index is given back.
  private static let keptNodes = 1 << 16

  private let checker: OpaquePointer?
  private var scanner = JSONScanner()

  package init() { checker = csimdjson_create(Self.maximumDepth) }

  deinit { if let checker { csimdjson_destroy(checker) } }

  /// Parses bytes that are followed by `padding` readable ones and lends the root value.
  ///
  /// The value points into `bytes` and into the parser: it must not outlive `body`, and `body`
  /// must not parse with the same parser.
  package func withDocument<Result>(
    padded bytes: UnsafeRawBufferPointer, _ body: (JSONValue) throws -> Result
  ) throws -> Result {
    guard let base = bytes.baseAddress, bytes.count > 0 else { throw JSONError("is empty") }
    guard bytes.count <= Self.maximumCount else { throw JSONError("is over 2 GiB") }
    guard base.load(as: UInt8.self) != 0xEF else {
      // RFC 8259, section 8.1; some versions of simdjson would skip it.
      throw JSONError("begins with a byte order mark: leave it out")
    }
    guard let checker else { throw JSONError("cannot be parsed: out of memory") }
    let start = base.assumingMemoryBound(to: UInt8.self)
    let code = csimdjson_check(checker, start, bytes.count)
    guard code == 0 else { throw Self.error(code) }
    defer { scanner.trim(to: Self.keptNodes) }
    try scanner.scan(start, count: bytes.count, maximumDepth: Self.maximumDepth)
    return try scanner.nodes.withUnsafeBufferPointer { nodes in
      guard let first = nodes.baseAddress else { throw JSONError("is empty") }
      return try body(JSONValue(bytes: start, nodes: first, index: 0))
    }
  }

  private static func error(_ code: Int32) -> JSONError {
    switch csimdjson_fault_of(code) {
    case CSIMDJSON_TOO_DEEP: .tooDeep(maximumDepth)
    case CSIMDJSON_BAD_NUMBER:
      JSONError(
        "holds a malformed number, or one out of range: integers go from -2^63 to 2^64-1, and "
          + "doubles are finite")
    case CSIMDJSON_BAD_STRING:
      JSONError("holds a string with a malformed escape or a lone surrogate")
    case CSIMDJSON_BAD_UTF8: JSONError("is not UTF-8")
    case CSIMDJSON_NO_MEMORY: JSONError("cannot be parsed: there is no memory")
    default: JSONError("is malformed: \(String(cString: csimdjson_reason(code)))")
    }
  }

  /// Parses bytes without padding, by way of a padded copy.
  package func withDocument<Result>(
    of bytes: some Collection<UInt8>, _ body: (JSONValue) throws -> Result
  ) throws -> Result {
    var copy = [UInt8]()
    copy.reserveCapacity(bytes.count + Self.padding)
    copy.append(contentsOf: bytes)
    copy.append(contentsOf: repeatElement(0x20, count: Self.padding))
    return try copy.withUnsafeBytes { whole in
      try withDocument(
        padded: UnsafeRawBufferPointer(rebasing: whole[..<bytes.count]), body)
    }
  }
}

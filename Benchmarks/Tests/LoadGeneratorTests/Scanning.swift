@testable import LoadGenerator

/// What a scanner finds in bytes.
struct Scanning<Scanner: AnswerScanner> {
  private var scanner: Scanner
  private(set) var events: [AnswerEvent] = []
  /// Whether all of it was what the dialect allows.
  private(set) var isAllowed = true

  init(_ scanner: Scanner) { self.scanner = scanner }

  /// Has it look through the next bytes.
  mutating func scan(_ bytes: some Sequence<UInt8>) {
    var found: [AnswerEvent] = []
    let isAllowed = Array(bytes).withUnsafeBytes { scanner.scan($0) { found.append($0) } }
    events += found
    self.isAllowed = self.isAllowed && isAllowed
  }

  /// What is found in a text that comes in two pieces, for every place where it can be cut, and
  /// that comes byte by byte.
  static func everySplit(of text: String, _ make: () -> Scanner) -> [Self] {
    let bytes = Array(text.utf8)
    var results = (0...bytes.count).map { cut in
      var scanning = Self(make())
      scanning.scan(bytes[..<cut])
      scanning.scan(bytes[cut...])
      return scanning
    }
    var single = Self(make())
    for byte in bytes { single.scan([byte]) }
    results.append(single)
    return results
  }
}

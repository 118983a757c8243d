/// What is fed with whatever a fuzzer makes up: all that reads what peers, files and upstreams send.
package enum FuzzTarget: String, CaseIterable, Sendable {
  /// Lines in pieces, and what they mean.
  case lines
  /// Chat-completions bodies.
  case body
  /// Canonical JSON.
  case canonical
  /// Server-sent events in pieces.
  case events
  /// Answers of upstreams, in pieces, whole and streamed.
  case answer
  /// Configuration files.
  case configuration
  /// Lines of a batch.
  case batch
  /// Entries that are imported into the cache.
  case cassette
  /// A connection to a daemon, which speaks lines or HTTP.
  case connection

  /// Throws `Broken` where something does not hold that must.
  package func run(_ input: [UInt8]) throws(Broken) {
    switch self {
    case .lines: try fuzzLines(input)
    case .body: try fuzzBody(input)
    case .canonical: try fuzzCanonical(input)
    case .events: try fuzzEvents(input)
    case .answer: try fuzzAnswer(input)
    case .configuration: try fuzzConfiguration(input)
    case .batch: try fuzzBatch(input)
    case .cassette: try fuzzCassette(input)
    case .connection: try fuzzConnection(input)
    }
  }
}

/// Something that must hold whatever is fed does not.
package struct Broken: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}

/// Throws unless it holds.
func mustHold(_ holds: Bool, _ text: @autoclosure () -> String) throws(Broken) {
  if !holds { throw Broken(text()) }
}

import NIOCore

/// What a model's name asks the sandbox to do with a call.
struct Behaviour: Equatable, Sendable {
  /// The ways to answer, and not to.
  enum Kind: Equatable, Sendable {
    /// Answers at once.
    case echo
    /// Waits before the first byte, and in a stream between chunks.
    case slow(firstByte: TimeAmount, perToken: TimeAmount)
    /// Refuses with a status.
    case status(code: Int, retryAfter: Int?, retryAfterMilliseconds: Int?)
    /// Never says a byte.
    case silent
    /// Dies after so many chunks of a stream, or in the middle of a whole body.
    case cut(after: Int)
    /// Says with status 200 what is no JSON.
    case garbage
    /// Sends an error inside a 200, in a stream after so many chunks.
    case errorFrame(code: Int, after: Int)
    /// Answers with a text of so many bytes.
    case huge(bytes: Int)
    /// Answers one byte at a time.
    case trickle
    /// Answers with something wrong in it.
    case flawed(Flaw)
  }

  var kind: Kind
  /// How many calls of one question are treated so before it is answered at once; nil for all.
  var times: Int?

  /// A text above this would not fit into memory several times (256 MiB).
  private static let hugeLimit = 256 << 20
  /// A day is longer than anybody waits.
  private static let longestWait = 86_400_000

  /// Reads a model's name, `sandbox/NAME?parameter=value&…`; any other name means echo.
  init(model: String) throws(APIFault) {
    let parts = model.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let parameters = ModelParameters(parts.count > 1 ? parts[1] : "")
    kind = try Self.kind(String(parts.first ?? ""), parameters)
    times = try parameters.whole("times", in: 0...Int.max)
  }

  private static func kind(
    _ name: String, _ parameters: ModelParameters
  ) throws(APIFault) -> Kind {
    switch name {
    case "sandbox/slow":
      let first = try parameters.whole("first_byte_ms", in: 0...longestWait) ?? 500
      let rate = try parameters.positive("tokens_per_s")
      let pause = rate.map { min(1000 / $0, Double(longestWait)) } ?? 0
      return .slow(
        firstByte: .milliseconds(Int64(first)), perToken: .microseconds(Int64(pause * 1000)))
    case "sandbox/status":
      return .status(
        code: try parameters.whole("code", in: 400...599) ?? 500,
        retryAfter: try parameters.whole("retry_after", in: 0...longestWait),
        retryAfterMilliseconds: try parameters.whole("retry_after_ms", in: 0...longestWait))
    case "sandbox/silent": return .silent
    case "sandbox/cut": return .cut(after: try parameters.whole("after", in: 0...Int.max) ?? 5)
    case "sandbox/garbage": return .garbage
    case "sandbox/error-frame":
      return .errorFrame(
        code: try parameters.whole("code", in: 400...599) ?? 500,
        after: try parameters.whole("after", in: 0...Int.max) ?? 0)
    case "sandbox/huge":
      return .huge(bytes: try parameters.whole("bytes", in: 0...hugeLimit) ?? 1 << 20)
    case "sandbox/trickle": return .trickle
    case "sandbox/flawed": return .flawed(try parameters.choice("kind") ?? .empty)
    default: return .echo
    }
  }

  /// The names that the list of models shows.
  static let names: [String] = [
    "sandbox/echo", "sandbox/slow", "sandbox/status", "sandbox/silent", "sandbox/cut",
    "sandbox/garbage", "sandbox/error-frame", "sandbox/huge", "sandbox/trickle",
    "sandbox/flawed",
  ]
}

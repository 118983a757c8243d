import JSON
import PromptProtocol

/// Makes errors of what an upstream says, with its key taken out.
struct UpstreamFaults: Sendable {
  /// The status of the response; 0 before there is one.
  var status = 0
  /// Seconds after which the upstream wants to be asked again.
  var retryAfter: Double?
  private let key: APIKey?

  /// How much of an upstream's error is passed on.
  static let bodyLimit = 64 << 10
  /// How much of an answer that is not what was asked for is shown (2 KiB).
  private static let shownLimit = 2 << 10

  init(key: APIKey?) { self.key = key }

  /// An error that `body`, which is JSON, explains.
  func error(_ message: String, body: [UInt8]? = nil) -> WireError {
    var error = WireError(.upstreamError, message)
    error.info.status = status
    error.info.retryAfter = retryAfter
    error.info.body = body.map { $0.count > Self.bodyLimit ? beginning(of: $0) : redacted($0) }
    return error
  }

  /// The error of a status other than 200.
  func refusal(_ bytes: [UInt8], _ parser: JSONParser) -> WireError {
    let sentence = "the upstream refused with status \(status)"
    do {
      return try parser.withDocument(of: bytes) { root in
        error(sentence, body: CompactJSON.bytes(root["error"] ?? root))
      }
    } catch {
      return bytes.isEmpty
        ? self.error(sentence) : self.error(sentence, body: beginning(of: bytes))
    }
  }

  /// The error of a good status with something else behind it than what was wanted.
  func strange(_ bytes: [UInt8], wanted: String = "completion") -> WireError {
    error("the upstream's answer is no \(wanted)", body: beginning(of: bytes))
  }

  /// The beginning of something that is no JSON, as a JSON string.
  private func beginning(of bytes: [UInt8]) -> [UInt8] {
    // A key that stands across the cut is seen whole before that.
    let keyLength = key?.withSecret(\.utf8.count) ?? 0
    let shown = redacted(Array(bytes.prefix(Self.shownLimit + keyLength)))
    var writer = JSONWriter()
    writer.string(String(decoding: shown.prefix(Self.shownLimit), as: UTF8.self))
    return writer.bytes
  }

  /// The bytes without the key: some servers echo it in their complaints.
  private func redacted(_ bytes: [UInt8]) -> [UInt8] { key?.redact(bytes) ?? bytes }
}

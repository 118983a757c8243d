package import Logging

/// The fields of log entries, by the names that the journal knows them by.
package enum LogField: String, CaseIterable, Sendable {
  case request = "PROMPTD_REQUEST"
  case client = "PROMPTD_CLIENT"
  case uid = "PROMPTD_UID"
  case unit = "PROMPTD_UNIT"
  case model = "PROMPTD_MODEL"
  case cache = "PROMPTD_CACHE"
  case key = "PROMPTD_KEY"
  case priority = "PROMPTD_PRIORITY"
  case queuedMS = "PROMPTD_QUEUED_MS"
  case firstByteMS = "PROMPTD_FIRST_BYTE_MS"
  case upstreamMS = "PROMPTD_UPSTREAM_MS"
  case attempts = "PROMPTD_ATTEMPTS"
  case status = "PROMPTD_STATUS"
  case tokensIn = "PROMPTD_TOKENS_IN"
  case tokensOut = "PROMPTD_TOKENS_OUT"
  case label = "PROMPTD_LABEL"
  case upstream = "PROMPTD_UPSTREAM"
  case error = "PROMPTD_ERROR"
  case detail = "PROMPTD_DETAIL"
  case socket = "PROMPTD_SOCKET"
  case dropped = "PROMPTD_DROPPED"
  case messageID = "MESSAGE_ID"

  /// The name in text and JSON entries: short, in lower case.
  var shortName: String {
    rawValue.hasPrefix("PROMPTD_")
      ? rawValue.dropFirst("PROMPTD_".count).lowercased() : rawValue.lowercased()
  }
}

extension Logger {
  /// Logs a constant message with fields: facts, not prose.
  package func log(
    _ level: Logger.Level, _ message: String, _ fields: @autoclosure () -> [LogField: String] = [:]
  ) {
    guard level >= logLevel else { return }
    let metadata = fields().map { ($0.key.rawValue, MetadataValue.string($0.value)) }
    log(
      level: level, "\(message)", metadata: Metadata(uniqueKeysWithValues: metadata),
      source: "promptd")
  }
}

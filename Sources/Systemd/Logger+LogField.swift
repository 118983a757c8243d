package import Logging

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

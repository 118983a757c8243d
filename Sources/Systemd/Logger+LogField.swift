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

  /// Logs a constant message with fields that are worked out when the entry is written, in their
  /// order: for what happens thousands of times a second. What `fields` holds is kept until then.
  package func log(
    _ level: Logger.Level, _ message: String,
    later fields: @escaping @Sendable () -> [(LogField, String)]
  ) {
    guard level >= logLevel else { return }
    log(level: level, "\(message)", metadata: LaterFields(fields).metadata, source: "promptd")
  }
}

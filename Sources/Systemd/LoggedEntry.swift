/// A log entry as whoever watches the log is shown it.
package struct LoggedEntry: Sendable {
  /// A JSON object: `time`, `level`, `message`, and the fields by their short names.
  package let json: [UInt8]
  /// Whom it is about, where it is about a client.
  package let client: String?

  init(_ entry: LogEntry) {
    var line: [UInt8] = []
    LogLine.json(entry, to: &line)
    json = line.dropLast()
    client = entry.fields.first { $0.name == LogField.client.rawValue }?.value
  }
}

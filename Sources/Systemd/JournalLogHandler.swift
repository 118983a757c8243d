package import Logging

/// swift-log's back end: appends entries to a writer's ring.
package struct JournalLogHandler: LogHandler {
  package var logLevel: Logger.Level
  package var metadata: Logger.Metadata = [:]
  private let writer: LogWriter

  package init(writer: LogWriter, level: Logger.Level) {
    self.writer = writer
    logLevel = level
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    let fields = all.map { (name: LogEntry.journalName($0.key), value: "\($0.value)") }
    writer.append(
      LogEntry(
        level: event.level, message: event.message.description,
        fields: fields.sorted { $0.name < $1.name }, time: LogWriter.now()))
  }
}

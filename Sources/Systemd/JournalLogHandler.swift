package import Logging

/// swift-log's back end: appends entries to a writer's ring.
package struct JournalLogHandler: LogHandler {
  /// The writer's, unless it was set for this logger.
  package var logLevel: Logger.Level {
    get { ownLevel ?? writer.level }
    set { ownLevel = newValue }
  }

  package var metadata: Logger.Metadata = [:]
  package var metadataProvider: Logger.MetadataProvider?
  private let writer: LogWriter
  private var ownLevel: Logger.Level?

  package init(writer: LogWriter) { self.writer = writer }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// The event's own metadata goes before the provider's, and that before the handler's.
  package func log(event: LogEvent) {
    if metadata.isEmpty, metadataProvider == nil, event.error == nil,
      let fields = LaterFields(alone: event.metadata)
    {
      return writer.append(
        LogEntry(
          level: event.level, message: event.message.description, later: fields,
          time: LogWriter.now()))
    }
    var all = metadata
    for more in [metadataProvider?.get(), event.metadata] {
      all.merge(more ?? [:]) { _, new in new }
    }
    if let error = event.error { all[LogField.error.rawValue] = "\(error)" }
    writer.append(
      LogEntry(
        level: event.level, message: event.message.description,
        fields: all.map { (key: $0.key, value: "\($0.value)") }, time: LogWriter.now()))
  }
}

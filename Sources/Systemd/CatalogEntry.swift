package import Logging

/// What the journal's message catalog explains (systemd/promptd.catalog): changes of state, each
/// with its MESSAGE_ID, which never changes.
package enum CatalogEntry: String, CaseIterable, Sendable {
  case cacheDegraded = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c01"
  case cacheRecovered = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c02"
  case cacheMovedAside = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c03"
  case queuePaused = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c04"
  case queueResumed = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c05"
  case usageNotWritten = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c06"
  case usageWritten = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c07"
  case cachePurged = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c08"
  case upstreamFails = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c09"
  case upstreamAnswers = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c0a"
  case upstreamHolds = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c0b"
  case keyRejected = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c0c"
  case keyAccepted = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c0d"
  case configurationRead = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c0e"
  case configurationFaulty = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c0f"
  case serving = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c10"
  case stopping = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c11"
  case failed = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c12"
  case entriesDropped = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c13"
  case sandboxAsked = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c14"
  case jobsNotWritten = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c15"
  case jobsWritten = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c16"
  case logLevelChanged = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c17"

  /// How grave it is.
  var level: Logger.Level {
    switch self {
    case .failed: .critical
    case .cacheDegraded, .cacheMovedAside, .usageNotWritten, .jobsNotWritten, .upstreamFails,
      .keyRejected,
      .configurationFaulty:
      .error
    case .entriesDropped, .sandboxAsked: .warning
    case .cacheRecovered, .queuePaused, .queueResumed, .usageWritten, .jobsWritten, .cachePurged,
      .upstreamAnswers, .upstreamHolds, .keyAccepted, .configurationRead, .logLevelChanged,
      .serving, .stopping:
      .notice
    }
  }

  /// The constant message.
  var message: String {
    switch self {
    case .cacheDegraded: "cache disk degraded"
    case .cacheRecovered: "cache disk recovered"
    case .cacheMovedAside: "cache file damaged"
    case .queuePaused: "queue paused"
    case .queueResumed: "queue resumed"
    case .usageNotWritten: "usage not written"
    case .usageWritten: "usage written again"
    case .jobsNotWritten: "jobs not written"
    case .jobsWritten: "jobs written again"
    case .logLevelChanged: "log level changed"
    case .cachePurged: "cache purged"
    case .upstreamFails: "upstream fails"
    case .upstreamAnswers: "upstream answers again"
    case .upstreamHolds: "upstream asks for a pause"
    case .keyRejected: "upstream rejects the key"
    case .keyAccepted: "upstream accepts the key"
    case .configurationRead: "configuration read again"
    case .configurationFaulty: "configuration not taken over"
    case .serving: "serving"
    case .stopping: "stopping"
    case .failed: "failed"
    case .entriesDropped: "log entries dropped"
    case .sandboxAsked: "answers are made up: the sandbox is asked, and no model"
    }
  }
}

extension Logger {
  /// Logs a change of state that the catalog explains.
  package func log(
    _ entry: CatalogEntry, _ fields: @autoclosure () -> [LogField: String] = [:]
  ) {
    log(
      entry.level, entry.message,
      fields().merging([.messageID: entry.rawValue]) { _, identity in identity })
  }
}

import Logging
import PromptConfiguration
import Systemd

extension LogSettings {
  /// The form of entries, as the log's writer knows it.
  var writerFormat: Systemd.LogFormat {
    switch format {
    case .auto: .auto
    case .journal: .journal
    case .text: .text
    case .json: .json
    }
  }
}

extension LogLevel {
  /// The same, as swift-log knows it.
  var loggerLevel: Logger.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .notice: .notice
    case .warning: .warning
    case .error: .error
    }
  }
}

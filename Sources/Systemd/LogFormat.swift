import Glibc

/// How log entries are written.
package enum LogFormat: Sendable {
  /// To the journal where standard error is the journal, else as text.
  case auto
  /// Native entries with fields (sd_journal_sendv(3)).
  case journal
  /// A readable line for each entry.
  case text
  /// A JSON object for each entry.
  case json

  /// What `auto` means here: `$JOURNAL_STREAM` holds device and inode of the journal's stream
  /// (systemd.exec(5)), and standard error is that stream only if it has the same.
  func resolved(environment: String?, descriptor: Int32) -> LogFormat {
    guard case .auto = self else { return self }
    var status = stat()
    guard let environment, fstat(descriptor, &status) == 0 else { return .text }
    return environment == "\(status.st_dev):\(status.st_ino)" ? .journal : .text
  }
}

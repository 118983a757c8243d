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
  ///
  /// A service that was started while there was no journal has `/dev/null` in its place; the journal
  /// may be back later.
  func resolved(environment: String?, descriptor: Int32, isService: Bool = false) -> LogFormat {
    guard case .auto = self else { return self }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return .text }
    if let environment {
      return environment == "\(status.st_dev):\(status.st_ino)" ? .journal : .text
    }
    let null = dev_t(1 << 8 | 3)  // null(4)
    let isNull = status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == null
    return isService && isNull ? .journal : .text
  }
}

import Glibc

/// Where log entries go at last. Writing may block, so the journal thread alone does it.
struct LogSink: Sendable {
  let format: LogFormat
  /// What lines are written to; the journal needs none.
  let descriptor: Int32

  /// Writes entries, lines all at once; false where not all of them could be. That cannot be told
  /// anywhere else, and the journal does not even say it.
  func write(_ entries: [LogEntry]) -> Bool {
    var lines: [UInt8] = []
    for entry in entries {
      switch format {
      case .journal: Journal.send(entry)
      case .json: LogLine.json(entry, to: &lines)
      case .auto, .text: LogLine.text(entry, to: &lines)
      }
    }
    return write(lines)
  }

  private func write(_ bytes: [UInt8]) -> Bool {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count > 0 {
        written += count
      } else if count < 0, errno == EAGAIN {
        // Whoever shares the descriptor may have made it non-blocking.
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&waiting, 1, -1) == 1 || errno == EINTR else { return false }
      } else if !(count < 0 && errno == EINTR) {
        return false
      }
    }
    return true
  }
}

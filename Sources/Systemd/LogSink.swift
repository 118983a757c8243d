import Glibc

/// Where log entries go at last. Writing may block, so the journal thread alone does it.
struct LogSink: Sendable {
  let format: LogFormat
  /// What lines are written to; the journal needs none.
  let descriptor: Int32

  /// Writes one entry. That one was lost cannot be told anywhere else.
  func write(_ entry: LogEntry) {
    switch format {
    case .journal: Journal.send(entry)
    case .json: write(LogLine.json(entry))
    case .auto, .text: write(LogLine.text(entry))
    }
  }

  private func write(_ line: String) {
    let bytes = Array(line.utf8)
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
        guard poll(&waiting, 1, -1) == 1 || errno == EINTR else { return }
      } else if !(count < 0 && errno == EINTR) {
        return
      }
    }
  }
}

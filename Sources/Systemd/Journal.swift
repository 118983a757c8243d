import CSystemd
import Glibc

/// The native protocol of the journal.
enum Journal {
  /// The fields that every entry has, whatever it tells.
  static let ownFields: Set<String> = ["MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER"]

  /// Sends an entry. It blocks while the journal stalls, so the journal thread alone calls it.
  static func send(_ entry: LogEntry) {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    func add(_ name: String, _ value: String) {
      bytes += name.utf8
      bytes.append(UInt8(ascii: "="))
      bytes += value.utf8
      ends.append(bytes.count)
    }
    add("MESSAGE", entry.message)
    add("PRIORITY", String(entry.priority))
    add("SYSLOG_IDENTIFIER", "promptd")
    for (name, value) in entry.fields { add(name, value) }
    bytes.withUnsafeMutableBytes { buffer in
      var start = 0
      let vectors = ends.map { end in
        defer { start = end }
        return iovec(iov_base: buffer.baseAddress.map { $0 + start }, iov_len: end - start)
      }
      // It says 0 even where there is no journal, and a failure cannot be told anywhere else.
      _ = sd_journal_sendv(vectors, Int32(vectors.count))
    }
  }
}

import CSystemd
import Glibc

/// The native protocol of the journal.
enum Journal {
  /// Bytes of one field: the journal loses very large ones without a word.
  static let longestField = 16 << 10

  /// Sends an entry. It blocks while the journal stalls, so the journal thread alone calls it.
  static func send(_ entry: LogEntry) {
    var fields = [
      "MESSAGE=\(entry.message)", "PRIORITY=\(entry.priority)", "SYSLOG_IDENTIFIER=promptd",
    ]
    fields += entry.fields.map { "\($0.name)=\($0.value)" }
    let bytes = fields.map { Array($0.utf8.prefix(longestField)) }
    var vectors: [iovec] = []
    withAddresses(of: bytes[...], &vectors) { vectors in
      // That an entry was lost cannot be told anywhere else.
      _ = sd_journal_sendv(vectors, Int32(vectors.count))
    }
  }

  /// Lends the addresses of all the arrays at once.
  private static func withAddresses(
    of bytes: ArraySlice<[UInt8]>, _ vectors: inout [iovec], _ body: ([iovec]) -> Void
  ) {
    guard let first = bytes.first else { return body(vectors) }
    first.withUnsafeBytes { buffer in
      vectors.append(
        iovec(
          iov_base: UnsafeMutableRawPointer(mutating: buffer.baseAddress), iov_len: buffer.count))
      withAddresses(of: bytes.dropFirst(), &vectors, body)
    }
  }
}

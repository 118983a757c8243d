import Glibc

/// Bytes that were received, cut into lines; no byte is looked at twice, for lines may be long.
struct LineBuffer {
  private var bytes: [UInt8] = []
  /// Where the next line begins, and up to where there is known to be no line break.
  private var start = 0
  private var scanned = 0

  mutating func append(_ more: [UInt8]) { bytes += more }

  /// Takes the next whole line, without its line break.
  mutating func popLine() -> ArraySlice<UInt8>? {
    let found = bytes.withUnsafeBytes { all -> Int? in
      guard let base = all.baseAddress, all.count > scanned else { return nil }
      let place = memchr(base + scanned, 0x0A, all.count - scanned)
      return place.map { UnsafeRawPointer($0) - base }
    }
    guard let end = found else {
      scanned = bytes.count
      if start == bytes.count {
        bytes.removeAll(keepingCapacity: true)
        (start, scanned) = (0, 0)
      }
      return nil
    }
    defer { (start, scanned) = (end + 1, end + 1) }
    return bytes[start..<end]
  }
}

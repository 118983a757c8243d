/// The way through the requests of a book, again and again.
///
/// The memory is the book's, lent for the length of the run.
struct RequestCursor {
  private let bytes: UnsafeRawBufferPointer
  private let starts: UnsafeBufferPointer<Int>
  private var next = 0

  /// Begins at the first request; `starts` as in `RequestBook`.
  init(bytes: UnsafeRawBufferPointer, starts: UnsafeBufferPointer<Int>) {
    self.bytes = bytes
    self.starts = starts
  }

  /// Takes up to `wanted` requests that stand in a row: their bytes, and how many they are, at
  /// least one; fewer than wanted at the end of the book.
  mutating func take(_ wanted: Int) -> (bytes: UnsafeRawBufferPointer, count: Int) {
    let count = min(wanted, starts.count - 1 - next)
    let taken = UnsafeRawBufferPointer(rebasing: bytes[starts[next]..<starts[next + count]])
    next += count
    if next == starts.count - 1 { next = 0 }
    return (taken, count)
  }
}

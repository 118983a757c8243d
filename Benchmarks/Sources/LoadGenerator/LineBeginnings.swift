import CLinux
import Glibc

/// Cuts bytes into lines, and shows how each begins, without copying those that come in one piece.
struct LineBeginnings {
  /// How much is shown of a line: what tells an error from an answer stands within.
  static let shown = 96

  /// The beginning of a line whose end has not come.
  private var begun: [UInt8] = []

  /// Stands before the first line.
  init() { begun.reserveCapacity(Self.shown) }

  /// Calls `note` with the beginning of each line that ends in `bytes`.
  mutating func scan(
    _ bytes: UnsafeRawBufferPointer, _ note: (UnsafeRawBufferPointer) -> Void
  ) {
    var rest = bytes[...]
    while let end = Self.lineEnd(in: rest) {
      let line = rest[..<end]
      if begun.isEmpty {
        note(UnsafeRawBufferPointer(rebasing: line.prefix(Self.shown)))
      } else {
        keep(line)
        begun.withUnsafeBytes(note)
        begun.removeAll(keepingCapacity: true)
      }
      rest = rest[(end + 1)...]
    }
    keep(rest)
  }

  private mutating func keep(_ part: Slice<UnsafeRawBufferPointer>) {
    begun += part.prefix(Self.shown - begun.count)
  }

  private static func lineEnd(in bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
    guard let base = bytes.base.baseAddress else { return nil }
    let start = base + bytes.startIndex
    return memchr(start, 0x0A, bytes.count).map { UnsafeRawPointer($0) - base }
  }
}

extension UnsafeRawBufferPointer {
  /// Whether the bytes hold a text (memmem(3)).
  func holds(_ text: StaticString) -> Bool {
    memmem(baseAddress, count, text.utf8Start, text.utf8CodeUnitCount) != nil
  }
}

/// Sizes as administrators write them: a whole number and `B`, `KiB`, `MiB`, `GiB`, or the
/// decimal `KB`, `MB`, `GB`.
package enum ByteSize {
  private static let units: [(name: String, bytes: Int)] = [
    ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
    ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000), ("B", 1),
  ]

  /// The bytes that `text` says, or nil if it is no size or past what an `Int` holds.
  package static func bytes(_ text: String) -> Int? {
    guard let (number, unit) = Quantity.split(text),
      let size = units.first(where: { $0.name == unit })
    else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: size.bytes)
    return overflow ? nil : bytes
  }

  /// The shortest way to write `bytes` exactly.
  package static func text(_ bytes: Int) -> String {
    let unit = units.first { bytes != 0 && bytes % $0.bytes == 0 } ?? ("B", 1)
    return "\(bytes / unit.bytes)\(unit.name)"
  }
}

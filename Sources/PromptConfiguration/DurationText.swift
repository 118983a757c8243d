/// Durations as administrators write them: a whole number and `ms`, `s`, `min`, `h` or `d`.
package enum DurationText {
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1),
  ]

  /// The duration that `text` says, or nil if it is none or past what milliseconds can count.
  package static func duration(_ text: String) -> Duration? {
    guard let (number, unit) = Quantity.split(text),
      let size = units.first(where: { $0.name == unit })
    else { return nil }
    let (milliseconds, overflow) = Int64(number).multipliedReportingOverflow(by: size.milliseconds)
    return overflow ? nil : .milliseconds(milliseconds)
  }

  /// The shortest way to write `duration` exactly, parts of a millisecond left out.
  package static func text(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    guard !overflow else { return "\(seconds)s" }
    let milliseconds = whole + attoseconds / 1_000_000_000_000_000
    let unit = units.first { milliseconds != 0 && milliseconds % $0.milliseconds == 0 } ?? ("s", 1)
    return "\(milliseconds / unit.milliseconds)\(unit.name)"
  }
}

/// When requests of an open load are due: evenly, one interval apart, the first one interval after
/// the start. Times are nanoseconds of any one clock.
///
/// Above ten thousand a second those of each 100 µs are due together at its end: to set a timer
/// takes ten microseconds in a virtual machine, and one for each would be the load's own limit.
struct ArrivalSchedule {
  private static let step = 100_000.0

  private let start: UInt64
  private let interval: Double
  /// How many have been taken.
  private var taken = 0

  /// Begins at `start`, with so many arrivals a second; at least one in a thousand seconds.
  init(start: UInt64, perSecond: Double) {
    self.start = start
    interval = 1e9 / max(perSecond, 0.001)
  }

  /// When the next one that was not taken is due. It is counted from the start, so that rounding
  /// adds nothing up.
  var next: UInt64 {
    let after = interval * Double(taken + 1)
    guard interval < Self.step else { return start + UInt64(after) }
    return start + UInt64((after / Self.step).rounded(.up) * Self.step)
  }

  /// Takes the next one if it is due at `now`, and says since when.
  mutating func take(_ now: UInt64) -> UInt64? {
    let due = next
    guard due <= now else { return nil }
    taken += 1
    return due
  }
}

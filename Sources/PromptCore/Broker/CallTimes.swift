/// How long the parts of one call took.
struct CallTimes {
  /// When the flight got its slot.
  let started: MonotonicTime
  /// Milliseconds from the slot to the first byte; nil when none came.
  let firstByte: Int?
  /// Milliseconds from the slot to the end.
  let upstream: Int

  /// The times of a flight that ends at `now`; all zero unless it ran.
  init(_ flight: Flight, now: MonotonicTime) {
    if case .running(let since, let first) = flight.stage {
      started = since
      firstByte = first?.milliseconds(since: since)
      upstream = now.milliseconds(since: since)
    } else {
      started = now
      firstByte = nil
      upstream = 0
    }
  }

  /// Milliseconds that a request waited for the slot: none if it joined a running call.
  func queued(_ arrived: Moment) -> Int { max(0, started.milliseconds(since: arrived.monotonic)) }
}

/// Hands out ids of requests and jobs that nobody else hands out: random to begin with, then counting up.
package struct RequestIDs: Sendable {
  private var random: (UInt64, UInt64)

  /// Starts from two random words.
  package init(seed: (UInt64, UInt64)) { random = seed }

  /// The next id of a job, at `milliseconds` since 1970.
  package mutating func nextJob(milliseconds: UInt64) -> JobID {
    random.1 &+= 1
    return JobID(milliseconds: milliseconds, random: random)
  }

  /// The next id, at `milliseconds` since 1970.
  package mutating func next(milliseconds: UInt64) -> RequestID {
    random.1 &+= 1
    return RequestID(milliseconds: milliseconds, random: random)
  }
}

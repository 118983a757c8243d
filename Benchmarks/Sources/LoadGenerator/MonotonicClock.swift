import Glibc

/// CLOCK_MONOTONIC, the clock of timerfd_create(2) too.
package enum MonotonicClock {
  /// Nanoseconds since some start.
  package static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

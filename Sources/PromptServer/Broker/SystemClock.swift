import Glibc
import PromptCore

/// The kernel's clocks: the only place where the time is read.
enum SystemClock {
  /// This moment.
  static var now: Moment {
    Moment(
      monotonic: MonotonicTime(nanoseconds: nanoseconds(CLOCK_MONOTONIC)),
      wall: nanoseconds(CLOCK_REALTIME) / 1_000_000)
  }

  private static func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

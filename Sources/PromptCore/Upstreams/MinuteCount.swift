/// How often something happened in about the last minute, by seconds.
struct MinuteCount: Sendable {
  private var counts = [Int](repeating: 0, count: 60)
  /// The second that was counted last.
  private var second: Int64 = 0
  private var sum = 0

  /// How often by now.
  mutating func count(now: MonotonicTime) -> Int {
    pass(to: now)
    return sum
  }

  /// It happens now.
  mutating func add(now: MonotonicTime) {
    pass(to: now)
    counts[Int(second % 60)] += 1
    sum += 1
  }

  private mutating func pass(to now: MonotonicTime) {
    let time = max(second, now.nanoseconds / 1_000_000_000)
    guard time > second else { return }
    for passed in max(second + 1, time - 59)...time {
      sum -= counts[Int(passed % 60)]
      counts[Int(passed % 60)] = 0
    }
    second = time
  }
}

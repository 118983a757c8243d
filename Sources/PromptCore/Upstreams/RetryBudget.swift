/// How often failed calls may be tried again: an outage must not be answered with a multiple of the
/// calls.
struct RetryBudget: Sendable {
  /// Tries for each call of the last minute.
  var share: Double
  private var calls = MinuteCount()
  private var retries = MinuteCount()

  /// So many are always allowed in a minute.
  private static let least = 3

  init(share: Double) { self.share = share }

  /// A call begins.
  mutating func noteCall(now: MonotonicTime) { calls.add(now: now) }

  /// Takes one further try; false when there is none left.
  mutating func take(now: MonotonicTime) -> Bool {
    let most = max(Self.least, Int(Double(calls.count(now: now)) * share))
    guard retries.count(now: now) < most else { return false }
    retries.add(now: now)
    return true
  }
}

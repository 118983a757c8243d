extension RetryPolicy {
  /// How long to wait after so many tries, 1 or more: anything between none and a time that doubles
  /// with each of them ("full jitter"), so that those who failed together do not come back together.
  func backoff(after tries: Int, _ dice: inout Dice) -> Duration {
    let ceiling = min(base * (1 << min(tries - 1, 30)), cap)
    return .nanoseconds(Int64(Double(ceiling.nanoseconds) * dice.part()))
  }
}

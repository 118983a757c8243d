import PromptCore
import PromptProtocol

extension MonotonicTime {
  /// So many seconds after some start.
  static func seconds(_ seconds: Double) -> MonotonicTime {
    MonotonicTime(nanoseconds: Int64(seconds * 1e9))
  }
}

extension LaneQueue {
  /// Puts a request in at the moment, in milliseconds, at which it came.
  mutating func add(
    _ request: UInt64, _ priority: PriorityClass, client: Int = 1, weight: Int = 1,
    tokens: Int = 100, counts: Bool = true, at milliseconds: Int64
  ) {
    let now = MonotonicTime(nanoseconds: milliseconds * 1_000_000)
    insert(
      .number(request),
      Entry(
        client: ClientID(rawValue: client), priority: priority, arrived: now, tokens: tokens,
        counts: counts),
      weight: weight, now: now)
  }

  /// Starts the next of the open classes.
  mutating func start(
    at now: MonotonicTime, open: (PriorityClass) -> Bool = { _ in true }
  ) -> UInt64? {
    start(pick(now: now, open: open) { _, _ in nil }, now)
  }

  /// Starts the next whom nothing hinders.
  mutating func start(
    at now: MonotonicTime, hindrance: (ClientID, Int) -> Hindrance?
  ) -> UInt64? {
    start(pick(now: now, open: { _ in true }, hindrance: hindrance), now)
  }

  private mutating func start(_ pick: Pick, _ now: MonotonicTime) -> UInt64? {
    guard let next = pick.next else { return nil }
    take(next, now: now)
    return next.request.number
  }

  /// Starts all, one after the other.
  mutating func drain(at now: MonotonicTime) -> [UInt64] {
    var order: [UInt64] = []
    while let next = start(at: now) { order.append(next) }
    return order
  }
}

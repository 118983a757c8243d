import DequeModule

/// Room for so many requests to wait, and promises to those who found none.
///
/// Who is turned away is told when to come back, and the place that will be free then is kept for
/// that client, against all who come without a promise: otherwise the time would be a guess, and
/// in a crowd a wrong one. Promises take up half of the room at most, and an eighth for one of
/// several clients, so a client that does not wait as it is told keeps nobody out.
package struct WaitingRoom: Sendable {
  private struct Promise {
    var client: ClientID
    var from: MonotonicTime
  }

  /// The most that may wait; nil is no limit.
  package let limit: Int?
  /// How many wait.
  package private(set) var count = 0
  /// In the order of time.
  private var promises = Deque<Promise>()
  private var promised: [ClientID: Int] = [:]

  /// How long a promise is kept: what is told is up to a second later.
  private static let grace = Duration.seconds(6)
  /// Nobody is told to wait for more than a day, in seconds.
  private static let longestWait = 86_400.0

  package init(limit: Int?) { self.limit = limit }

  /// Lets a request of a client in; false when there is no place that is not promised to another.
  package mutating func enter(_ client: ClientID, now: MonotonicTime) -> Bool {
    guard let limit else {
      count += 1
      return true
    }
    forget(before: now)
    let due = promises.prefix { $0.from <= now }.firstIndex { $0.client == client }
    guard count + promises.count - (due == nil ? 0 : 1) < limit else { return false }
    if let due { drop(at: due) }
    count += 1
    return true
  }

  /// Somebody waits no more.
  package mutating func leave() { count -= 1 }

  /// Promises a place to a client that found none, where places come free every `interval`
  /// milliseconds; returns the whole seconds to wait, at least one.
  package mutating func promise(_ client: ClientID, every interval: Double, now: MonotonicTime)
    -> Double
  {
    guard let limit else { return 1 }
    // The next place that is nobody's; in whole seconds only where it is told.
    let from = (promises.last.map { max($0.from, now) } ?? now).advanced(seconds: interval / 1000)
    let wait = Double(from.nanoseconds - now.nanoseconds) / 1e9
    let seconds = min(max(1, wait.rounded(.up)), Self.longestWait)
    let isOnlyClient = promised.keys.allSatisfy { $0 == client }
    let most = max(1, isOnlyClient ? limit / 2 : limit / 8)
    if promises.count < max(1, limit / 2), promised[client, default: 0] < most {
      promises.append(Promise(client: client, from: from))
      promised[client, default: 0] += 1
    }
    return seconds
  }

  private mutating func forget(before now: MonotonicTime) {
    while let first = promises.first, first.from.advanced(by: Self.grace) < now { drop(at: 0) }
  }

  private mutating func drop(at index: Int) {
    let client = promises.remove(at: index).client
    let left = promised[client, default: 1] - 1
    promised[client] = left == 0 ? nil : left
  }
}

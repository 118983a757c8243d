import DequeModule

/// Room for so many requests to wait, and promises to those that found none.
///
/// What is turned away is told when to come back, and the place that will be free then is kept for
/// it, against all that come without a promise: otherwise the time would be a guess, and in a crowd
/// a wrong one. It is known again by what it asks. A client that does not come back keeps nobody out
/// who does: a promise that is due needs no more than a free place.
package struct WaitingRoom: Sendable {
  /// Who wants to wait.
  package struct Guest: Sendable {
    package var client: ClientID
    package var keys: CacheKeys

    package init(_ client: ClientID, _ keys: CacheKeys) {
      self.client = client
      self.keys = keys
    }
  }

  private struct Promise {
    var guest: Guest
    var from: MonotonicTime
  }

  /// The most that may wait; nil is no limit.
  package var limit: Int?
  /// How many wait.
  package private(set) var count = 0
  /// In the order of time, those too that have been kept since.
  private var promises = Deque<Promise>()
  /// The promises that are still kept.
  private var open: [CacheKeys: Promise] = [:]
  private var held: [ClientID: Int] = [:]

  /// How long a place is kept: what is told is up to a second later than when it begins.
  private static let grace = Duration.seconds(6)
  /// For how many intervals ahead of its time a place is kept free.
  private static let notice = 3.0
  /// How many promises there are at most, for each place.
  private static let promisesPerPlace = 4
  /// Nobody is told to wait for more than a day, in seconds.
  private static let longestWait = 86_400.0

  package init(limit: Int?) { self.limit = limit }

  /// Lets a request in, where places come free every `interval` milliseconds; false when there is
  /// none that is not promised to another.
  package mutating func enter(_ guest: Guest, every interval: Double, now: MonotonicTime) -> Bool {
    guard let limit else {
      count += 1
      return true
    }
    forget(before: now)
    let isDue = open[guest.keys].map { $0.from <= now } ?? false
    // What is promised for later will have come free by then.
    let soon = now.advanced(seconds: min(Self.notice * interval / 1000, Self.longestWait))
    let kept = isDue ? 0 : promises.prefix { $0.from <= soon }.count { isOpen($0) }
    guard count + kept < limit else { return false }
    if isDue { close(guest.keys) }
    count += 1
    return true
  }

  /// Somebody waits again who had been let in before.
  package mutating func readmit() { count += 1 }

  /// Somebody waits no more.
  package mutating func leave() { count -= 1 }

  /// Promises a place to a request that found none, where places come free every `interval`
  /// milliseconds; returns the whole seconds to wait, at least one.
  package mutating func promise(
    _ guest: Guest, every interval: Double, now: MonotonicTime
  ) -> Double {
    guard let limit else { return 1 }
    if let kept = open[guest.keys] {
      if kept.from > now { return Self.seconds(to: kept.from, now) }
      close(guest.keys)
    }
    // The next place that is nobody's.
    let last = promises.last.map { max($0.from, now) } ?? now
    let latest = now.advanced(seconds: Self.longestWait)
    let from = min(last.advanced(seconds: min(interval / 1000, Self.longestWait)), latest)
    if open.count < Self.promisesPerPlace * limit, held[guest.client, default: 0] < limit {
      let promise = Promise(guest: guest, from: from)
      promises.append(promise)
      open[guest.keys] = promise
      held[guest.client, default: 0] += 1
    }
    return Self.seconds(to: from, now)
  }

  private static func seconds(to time: MonotonicTime, _ now: MonotonicTime) -> Double {
    let wait = Double(time.nanoseconds - now.nanoseconds) / 1e9
    return min(max(1, wait.rounded(.up)), longestWait)
  }

  private func isOpen(_ promise: Promise) -> Bool { open[promise.guest.keys]?.from == promise.from }

  private mutating func forget(before now: MonotonicTime) {
    while let first = promises.first {
      let isOver = first.from.advanced(by: Self.grace) < now
      guard isOver || !isOpen(first) else { return }
      promises.removeFirst()
      if isOpen(first) { close(first.guest.keys) }
    }
  }

  private mutating func close(_ keys: CacheKeys) {
    guard let client = open.removeValue(forKey: keys)?.guest.client else { return }
    let left = held[client, default: 1] - 1
    held[client] = left == 0 ? nil : left
  }
}

import DequeModule

/// What has been taken of something in the last minute, wherever that minute begins: exact, since
/// it knows each taking.
package struct SlidingMinute: Sendable {
  /// One taking, to be corrected later.
  package struct Receipt: Equatable, Sendable {
    fileprivate var serial: Int
  }

  private struct Taking {
    var time: MonotonicTime
    var amount: Int
  }

  /// The most in any minute; nil is no limit, and then nothing is noted.
  package var limit: Int? {
    didSet { if limit == nil { forgetAll() } }
  }
  /// In the order of time.
  private var takings = Deque<Taking>()
  /// The receipt of the first of them.
  private var firstSerial = 0
  private var sum = 0

  private static let minute = Duration.seconds(60)

  package init(limit: Int?) { self.limit = limit }

  /// When `amount` may be taken; nil for now. More than the limit is let through alone, or it would
  /// wait for ever.
  package func whenFree(_ amount: Int, now: MonotonicTime) -> MonotonicTime? {
    guard let limit else { return nil }
    var left = sum + min(amount, limit)
    for taking in takings {
      let end = taking.time.advanced(by: Self.minute)
      if left <= limit, end > now { return nil }
      left -= taking.amount
      if left <= limit, end > now { return end }
    }
    return nil
  }

  /// Notes that `amount` is taken now; of more than the limit only the limit counts.
  package mutating func take(_ amount: Int, now: MonotonicTime) -> Receipt {
    guard let limit else { return Receipt(serial: -1) }
    forget(before: now)
    let amount = min(amount, limit)
    takings.append(Taking(time: now, amount: amount))
    sum += amount
    return Receipt(serial: firstSerial + takings.count - 1)
  }

  /// Notes what a taking turned out to be; nothing happens once its minute is over.
  package mutating func correct(_ receipt: Receipt, to amount: Int) {
    let index = receipt.serial - firstSerial
    guard limit != nil, takings.indices.contains(index) else { return }
    sum += amount - takings[index].amount
    takings[index].amount = amount
  }

  /// When all of `amount` will have been taken, if it is taken as soon as it may be, in small parts;
  /// nil where there is no limit.
  package func whenThrough(_ amount: Int, now: MonotonicTime) -> MonotonicTime? {
    guard let limit else { return nil }
    var pattern = takings.filter { $0.time.advanced(by: Self.minute) > now }
    let free = max(0, limit - pattern.reduce(0) { $0 + $1.amount })
    guard amount > free else { return now }
    // What is free is taken now, and from then on each minute frees what the minute before took.
    pattern.append(Taking(time: now, amount: free))
    let (minutes, rest) = (amount - free - 1)
      .quotientAndRemainder(dividingBy: max(1, pattern.reduce(0) { $0 + $1.amount }))
    var left = rest + 1
    let last = pattern.first { taking in
      left -= taking.amount
      return left <= 0
    }
    return (last?.time ?? now).advanced(seconds: min(60 * Double(minutes + 1), 1e9))
  }

  private mutating func forgetAll() {
    firstSerial += takings.count
    takings = []
    sum = 0
  }

  private mutating func forget(before now: MonotonicTime) {
    while let first = takings.first, first.time.advanced(by: Self.minute) <= now {
      takings.removeFirst()
      firstSerial += 1
      sum -= first.amount
    }
  }
}

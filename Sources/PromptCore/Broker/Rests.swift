import HeapModule

/// Until when flights rest whose calls have failed, the earliest first. One that has ended stays
/// until its time comes.
struct Rests: Sendable {
  struct Rest: Comparable, Sendable {
    var time: MonotonicTime
    var flight: FlightID

    static func < (left: Self, right: Self) -> Bool {
      (left.time, left.flight) < (right.time, right.flight)
    }
  }

  private var rests = Heap<Rest>()

  /// The earliest end of all.
  var earliest: MonotonicTime? { rests.min?.time }

  /// In no order.
  var all: [Rest] { rests.unordered }

  mutating func add(_ time: MonotonicTime, _ flight: FlightID) {
    rests.insert(Rest(time: time, flight: flight))
  }

  /// Takes out the next one that is over at `now`.
  mutating func next(at now: MonotonicTime) -> Rest? {
    guard let first = rests.min, first.time <= now else { return nil }
    rests.removeMin()
    return first
  }
}

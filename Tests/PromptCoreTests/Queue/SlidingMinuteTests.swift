import PromptCore
import TestSupport
import Testing

@Suite struct SlidingMinuteTests {
  @Test func aMinuteEndsSixtySecondsAfterWhatWasTaken() {
    var minute = SlidingMinute(limit: 10)
    _ = minute.take(6, now: .seconds(0))
    _ = minute.take(4, now: .seconds(30))
    #expect(minute.whenFree(1, now: .seconds(59)) == .seconds(60))
    #expect(minute.whenFree(6, now: .seconds(60)) == nil)
    #expect(minute.whenFree(7, now: .seconds(60)) == .seconds(90))
  }

  @Test func withoutALimitNothingIsEverFull() {
    var minute = SlidingMinute(limit: nil)
    let receipt = minute.take(1 << 40, now: .seconds(0))
    minute.correct(receipt, to: 3)
    #expect(minute.whenFree(1 << 40, now: .seconds(0)) == nil)
    #expect(minute.whenThrough(1 << 40, now: .seconds(0)) == nil)
  }

  @Test func aCorrectionCountsFromTheTimeOfTheTaking() {
    var minute = SlidingMinute(limit: 10)
    let early = minute.take(2, now: .seconds(0))
    minute.correct(early, to: 30)
    #expect(minute.whenFree(1, now: .seconds(10)) == .seconds(60))
    #expect(minute.whenFree(10, now: .seconds(60)) == nil)
    _ = minute.take(1, now: .seconds(61))
    // Its minute is over.
    minute.correct(early, to: 100)
    #expect(minute.whenFree(9, now: .seconds(61)) == nil)
    #expect(minute.whenFree(10, now: .seconds(61)) == .seconds(121))
  }

  @Test func itTellsWhenMoreThanOnceTheLimitWillBeThrough() {
    var minute = SlidingMinute(limit: 10)
    _ = minute.take(6, now: .seconds(0))
    _ = minute.take(2, now: .seconds(30))
    let whens = [1, 2, 3, 8, 9, 10, 11, 12, 13, 22].map {
      minute.whenThrough($0, now: .seconds(40))
    }
    #expect(
      whens
        == [40, 40, 60, 60, 90, 90, 100, 100, 120, 160].map { MonotonicTime.seconds($0) })
    #expect(minute.whenThrough(8, now: .seconds(60)) == .seconds(60))
    #expect(minute.whenThrough(.max, now: .seconds(60)) != nil)
  }

  /// Whatever is taken when it says that it may be, no minute holds more than the limit.
  @Test func noMinuteEverHoldsMore() {
    var minute = SlidingMinute(limit: 100)
    var generator = SplitMix(seed: 7)
    var taken: [(time: MonotonicTime, amount: Int)] = []
    var now = MonotonicTime.seconds(0)
    for _ in 0..<5000 {
      let amount = Int.random(in: 1...40, using: &generator)
      if let free = minute.whenFree(amount, now: now) {
        #expect(free > now)
        now = free
      }
      #expect(minute.whenFree(amount, now: now) == nil)
      _ = minute.take(amount, now: now)
      taken.append((now, amount))
      let sum = taken.suffix(120).filter { $0.time.advanced(seconds: 60) > now }
        .reduce(0) { $0 + $1.amount }
      #expect(sum <= 100)
      now = now.advanced(seconds: Double.random(in: 0...2, using: &generator))
    }
  }
}

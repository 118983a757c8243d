import Testing

@testable import LoadGenerator

struct ArrivalScheduleTests {
  @Test func nothingIsDueBeforeItsTime() {
    var schedule = ArrivalSchedule(start: 1000, perSecond: 1000)
    #expect(schedule.next == 1_001_000)
    #expect(schedule.take(1_000_999) == nil)
    #expect(schedule.take(1_001_000) == 1_001_000)
    #expect(schedule.take(1_001_000) == nil)
  }

  @Test func thoseOfAShortWhileAreDueTogetherAndNoneIsLost() {
    var schedule = ArrivalSchedule(start: 0, perSecond: 40_000)
    let due = (0..<8).map { _ in schedule.take(.max) }
    #expect(due == Array(repeating: 100_000, count: 4) + Array(repeating: 200_000, count: 4))
    for _ in 8..<40_000 { _ = schedule.take(.max) }
    #expect(schedule.next == 1_000_100_000)
  }

  @Test func whatIsTakenLateWasDueAllTheSame() {
    var schedule = ArrivalSchedule(start: 0, perSecond: 1000)
    let due = (0..<3).map { _ in schedule.take(5_000_000) }
    #expect(due == [1_000_000, 2_000_000, 3_000_000])
  }

  @Test func roundingAddsNothingUp() {
    var schedule = ArrivalSchedule(start: 0, perSecond: 3)
    for _ in 0..<2999 { _ = schedule.take(.max) }
    #expect(schedule.next == 1_000_000_000_000)
  }
}

import PromptCore
import Testing

@testable import PromptServer

@Suite struct SystemClockDayTests {
  @Test(arguments: [0, 1_764_028_800_000, 1_793_000_000_000, 951_782_400_000] as [Int64])
  func aDayHoldsItsMomentsAndIsFollowedByTheNext(wall: Int64) {
    let day = SystemClock.day(at: wall)
    #expect(day.contains(wall))
    #expect((82_800_000...90_000_000).contains(day.ends - day.starts))
    #expect(SystemClock.day(at: day.starts) == day)
    #expect(SystemClock.day(at: day.ends - 1) == day)
    let next = SystemClock.day(at: day.ends)
    #expect(next.starts == day.ends)
    #expect(next.name != day.name)
    #expect(day.name.split(separator: "-").map(\.count) == [4, 2, 2])
  }

  @Test(arguments: [Int64.min, .max]) func aClockThatIsFarOffIsNoFault(wall: Int64) {
    #expect(SystemClock.day(at: wall).name.isEmpty == false)
  }
}

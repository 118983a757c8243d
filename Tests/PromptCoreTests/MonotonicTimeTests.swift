import PromptCore
import Testing

@Suite struct MonotonicTimeTests {
  @Test func spansAreExact() {
    let start = MonotonicTime(nanoseconds: 5)
    #expect(start.advanced(seconds: 1.5).nanoseconds == 1_500_000_005)
    #expect(start.advanced(by: .milliseconds(2)).nanoseconds == 2_000_005)
    #expect(start.advanced(seconds: 2).milliseconds(since: start) == 2000)
    #expect(start < start.advanced(seconds: 0.001))
  }
}

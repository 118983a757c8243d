import PromptCore
import PromptProtocol
import Testing

@Suite struct ClassCountsTests {
  @Test func theBestClassThatHoldsAnyIsNamed() {
    var counts = ClassCounts()
    #expect(counts.best == nil && counts.total == 0)
    counts[.low] = 2
    counts[.high] = 1
    #expect(counts.best == .high && counts.total == 3)
    counts[.high] = 0
    #expect(counts.best == .low)
  }
}

import Testing

@testable import PromptCore

struct HistogramTests {
  @Test func spansAreCountedUpToTheirBound() {
    var histogram = Histogram()
    for span in [0, 5, 6, 300_000, 300_001, -1] { histogram.add(span) }
    #expect(histogram.count == 6)
    #expect(histogram.cumulative.first == 3)
    #expect(histogram.cumulative[1] == 4)
    #expect(histogram.cumulative.last == 5)
    #expect(histogram.sum == 600_012)
  }
}

import PromptCore
import PromptProtocol
import Testing

@Suite struct DeadlinesTests {
  private func time(_ seconds: Int64) -> MonotonicTime {
    MonotonicTime(nanoseconds: seconds * 1_000_000_000)
  }

  @Test func theEarliestIsNamedAndWhatIsDueComesInOrder() {
    var deadlines = Deadlines()
    #expect(deadlines.earliest == nil)
    deadlines.add(time(3), .number(3), .wait)
    deadlines.add(time(1), .number(1), .answer)
    deadlines.add(time(2), .number(2), .wait)
    #expect(deadlines.earliest == time(1))
    #expect(
      deadlines.due(at: time(2)) == [
        .init(request: .number(1), kind: .answer), .init(request: .number(2), kind: .wait),
      ])
    #expect(deadlines.due(at: time(2)).isEmpty)
    #expect(deadlines.earliest == time(3))
  }

  @Test func theDeadlinesOfWhatHasEndedAreForgotten() {
    var deadlines = Deadlines()
    for number in 0..<1000 as Range<UInt64> {
      deadlines.add(time(Int64(number)), .number(number), .wait)
    }
    deadlines.sweep(living: 1) { $0 == .number(999) }
    #expect(deadlines.earliest == time(999))
  }
}

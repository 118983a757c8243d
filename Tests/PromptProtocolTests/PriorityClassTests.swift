import PromptProtocol
import Testing

struct PriorityClassTests {
  @Test func aBetterClassIsTheGreaterOne() {
    #expect(PriorityClass.allCases == [.idle, .low, .normal, .high, .urgent])
    #expect(PriorityClass.allCases.sorted() == PriorityClass.allCases)
    #expect(PriorityClass.idle < .urgent)
    #expect(!(PriorityClass.high < .high))
  }

  @Test func everyClassIsFoundByItsNameAndOnlyByThat() {
    for priority in PriorityClass.allCases {
      #expect(PriorityClass(name: priority.name) == priority)
    }
    #expect(["", "Low", "lowest", "1"].allSatisfy { PriorityClass(name: $0) == nil })
  }
}

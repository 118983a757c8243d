import PromptCore
import TestSupport
import Testing

@Suite struct MemoryTierTests {
  @Test func theDiskIsToldOfUseOnceAnHour() {
    var tier = MemoryTier(limit: 1 << 20)
    tier.insert(.make(1), now: 0)
    let minutes: [Int64] = [0, 59, 60, 61, 119, 120]
    let told = minutes.filter { tier.find(.number(1), now: $0 * 60_000)?.mustNote == true }
    #expect(told == [60, 120])
  }

  /// A tier with room for ten answers of 552 bytes and what each costs besides.
  private func tier(_ questions: ClosedRange<UInt64>) -> MemoryTier {
    var tier = MemoryTier(limit: 10_000)
    for question in questions { tier.insert(.make(question, bytes: 552)) }
    return tier
  }

  @Test func whatWasPutInIsFoundAndWhatIsNewTakesTheOldOnesPlace() {
    var tier = tier(1...3)
    #expect(tier.find(.number(2))?.completion.count == 552)
    #expect(tier.find(.number(9)) == nil)
    tier.insert(.make(2, bytes: 100))
    #expect(tier.find(.number(2))?.completion.count == 100)
    #expect(tier.count == 3)
    tier.remove(.number(2))
    tier.remove(.number(2))
    #expect(tier.find(.number(2)) == nil && tier.count == 2)
    #expect(tier.bytes == 2000)
  }

  @Test func itNeverHoldsMoreThanItsLimit() {
    var tier = MemoryTier(limit: 10_000)
    var generator = SplitMix(seed: 3)
    for _ in 0..<5000 {
      let question = UInt64.random(in: 0..<40, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: _ = tier.find(.number(question))
      case 1: tier.remove(.number(question))
      default:
        tier.insert(.make(question, bytes: .random(in: 1...700, using: &generator)))
        #expect(tier.find(.number(question)) != nil)
      }
      #expect(tier.bytes <= 10_000)
    }
    for question in 0..<40 as Range<UInt64> { tier.remove(.number(question)) }
    #expect(tier.bytes == 0 && tier.count == 0)
  }

  @Test func whatWasVisitedOutlivesWhatWasNot() {
    var tier = tier(1...10)
    for question in [1, 2, 3] as [UInt64] { _ = tier.find(.number(question)) }
    tier.insert(.make(11, bytes: 552))
    #expect(tier.find(.number(4)) == nil, "the oldest that nobody asked for")
    #expect(tier.find(.number(1)) != nil)
    #expect(tier.evictions == 1)
  }

  @Test func whatNobodyAsksForGoesAndWhatIsAskedForStays() {
    var tier = tier(1...10)
    for question in 100..<200 as Range<UInt64> {
      #expect(tier.find(.number(1)) != nil)
      tier.insert(.make(question, bytes: 552))
    }
    #expect(tier.count == 10 && tier.evictions == 100)
  }

  @Test func anAnswerOfMoreThanAnEighthIsNotTaken() {
    var tier = tier(1...3)
    tier.insert(.make(4, bytes: 2000))
    #expect(tier.find(.number(4)) == nil && tier.count == 3)
    tier.insert(.make(3, bytes: 2000))
    #expect(tier.find(.number(3)) == nil, "the old answer is not the new one")
  }
}

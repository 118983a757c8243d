import PromptCore
import PromptProtocol
import Testing

@Suite struct CachedAnswerTests {
  private let answer = CachedAnswer.make(created: 10_000, life: 60_000, request: "{}")

  @Test(
    arguments: [
      (CacheControl.use, nil, 69_999, true), (.use, nil, 70_000, false), (.use, 5, 15_000, true),
      (.use, 5, 15_001, false), (.only, nil, 1_000_000, true), (.only, 5, 15_001, false),
      (.refresh, nil, 10_000, false), (.bypass, nil, 10_000, false),
    ] as [(CacheControl, Double?, Int64, Bool)])
  func whoMayHaveItAndHowLong(
    _ control: CacheControl, _ maxAge: Double?, _ now: Int64, _ mayHave: Bool
  ) {
    #expect(answer.serves(control, maxAge: maxAge, now: now) == mayHave)
  }

  @Test func itsAgeIsInWholeSecondsAndNeverNegative() {
    #expect(answer.age(now: 12_999) == 2)
    #expect(answer.age(now: 0) == 0)
  }

  @Test func memoryKeepsAllButTheRequest() {
    let kept = answer.withoutRequest
    #expect(kept.request == nil)
    #expect(kept.withoutRequest === kept)
    #expect(kept != answer)
    #expect(kept == CachedAnswer.make(created: 10_000, life: 60_000))
  }
}

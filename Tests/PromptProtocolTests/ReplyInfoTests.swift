import JSON
import PromptProtocol
import Testing

struct ReplyInfoTests {
  private func text(_ info: ReplyInfo) -> String {
    written { $0.object { info.writeMembers(to: &$0) } }
  }

  @Test func whatIsNotKnownIsNotSaid() {
    #expect(text(ReplyInfo()) == "{}")
  }

  @Test func everyMemberHasItsNameAndItsForm() {
    var info = ReplyInfo()
    info.request = RequestID(milliseconds: 1_469_922_850_259, random: (0, 0))
    info.cache = .hit
    info.key = Digest(words: (0, 0, 0, 1))
    info.age = 12
    info.queued = 3
    info.firstByte = 4
    info.upstreamTime = 5
    info.upstream = "jie\"kou"
    info.attempts = 2
    info.client = "nightly\n"
    info.priority = .low
    info.askedPriority = .urgent
    info.billed = .init(prompt: 6, completion: 7)
    info.retryAfter = 1.5
    info.status = 429
    info.body = Array(#"{"error":{}}"#.utf8)
    info.partial = Array("[]".utf8)
    let expected =
      #"{"request":"r-01ARZ3NDEK0000000000000000","cache":"hit","key":""#
      + String(repeating: "0", count: 63)
      + #"1","age_s":12,"queued_ms":3,"first_byte_ms":4,"upstream_ms":5,"upstream":"jie\"kou","#
      + #""attempts":2,"client":"nightly\n","priority":"low","priority_asked":"urgent","#
      + #""billed":{"prompt_tokens":6,"completion_tokens":7},"retry_after":1.5,"status":429,"#
      + #""body":{"error":{}},"partial":[]}"#
    #expect(text(info) == expected)
  }

  @Test(arguments: [
    (CacheOutcome.hit, "hit"), (.miss, "miss"), (.joined, "joined"), (.stale, "stale"),
    (.refreshed, "refreshed"), (.bypassed, "bypassed"),
  ])
  func theCacheOutcomeIsSaidByName(outcome: CacheOutcome, name: String) {
    var info = ReplyInfo()
    info.cache = outcome
    #expect(text(info) == #"{"cache":"\#(name)"}"#)
  }

  @Test func wholeSecondsAreWrittenWithoutAPoint() {
    var info = ReplyInfo()
    info.retryAfter = 30
    #expect(text(info) == #"{"retry_after":30}"#)
  }
}

import JSON
import Testing

@testable import promptctl

struct AnswerSummaryTests {
  private func line(_ json: String) throws -> String {
    AnswerSummary.line(try JSONTree(parsing: json.utf8), time: .milliseconds(1240))
  }

  @Test func itSaysHitOrMissTimeTokensAndUpstream() throws {
    let completion = #"""
      {"usage":{"prompt_tokens":3,"completion_tokens":2},
       "promptd":{"cache":"miss","upstream":"jiekou"}}
      """#
    #expect(try line(completion) == "miss, 1.2 s, 3 tokens in, 2 out, jiekou")
  }

  @Test func itSaysModelAndCostWhereTheyAreKnown() throws {
    func completion(_ cache: String, _ billed: String) -> String {
      #"{"model":"m/a","promptd":{"cache":"\#(cache)","billed":\#(billed)}}"#
    }
    let paid = #"{"prompt_tokens":1,"completion_tokens":2,"cost":0.00042}"#
    #expect(try line(completion("miss", paid)) == "miss, m/a, 1.2 s, cost 0.00042")
    let none = #"{"prompt_tokens":0,"completion_tokens":0}"#
    #expect(try line(completion("hit", none)) == "hit, m/a, 1.2 s, free")
    // An upstream that tells no tokens may want money all the same.
    #expect(try line(completion("miss", none)) == "miss, m/a, 1.2 s")
  }

  @Test func anAnswerThatWasCutOffSaysSo() throws {
    let text = try line(#"{"choices":[{"finish_reason":"length"}],"promptd":{"cache":"hit"}}"#)
    #expect(text == "hit, 1.2 s, free, cut off at the most tokens allowed: raise --max-tokens")
  }

  @Test func whatIsNotKnownIsLeftOut() throws { #expect(try line("{}") == "1.2 s") }
}

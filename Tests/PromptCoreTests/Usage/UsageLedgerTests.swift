import PromptProtocol
import Testing

@testable import PromptCore

struct UsageLedgerTests {
  private let answer = CachedAnswer(
    keys: CacheKeys(key: Digest(words: (1, 0, 0, 0)), variant: Digest(words: (2, 0, 0, 0))),
    completion: Array("{}".utf8), boundaries: nil, model: "m", origin: "o", client: "c",
    created: 0, expires: 1, tokens: TokenCount(prompt: 3, completion: 5), took: 40, cost: 0.5,
    request: nil)

  private func info(
    _ client: String, _ outcome: CacheOutcome, label: String? = nil
  ) -> ReplyInfo {
    var info = ReplyInfo()
    info.client = client
    info.cache = outcome
    info.label = label
    return info
  }

  @Test func answersThatCostNothingAreTakenInWithWhatTheySaved() {
    var tally = AnswerTally()
    for outcome in [CacheOutcome.hit, .hit, .joined, .stale, .miss, .bypassed] {
      tally.note(answer, info("alice", outcome, label: "nightly"))
    }
    var ledger = UsageLedger()
    ledger.note(tally.take(), on: "2026-11-25")
    #expect(tally.rows.isEmpty)
    let rows = ledger.take()
    let figures = rows[
      UsageKey(day: "2026-11-25", client: "alice", model: "m", upstream: "", label: "nightly")]
    #expect(rows.count == 1)
    #expect(figures?.hits == 3 && figures?.joined == 1 && figures?.calls == 0)
    #expect(figures?.saved.tokensIn == 12 && figures?.saved.cost == 2)
    // Whoever waited for a call has saved no time.
    #expect(figures?.saved.milliseconds == 80)
  }

  @Test func aLabelForEachRequestFillsNothing() {
    var ledger = UsageLedger()
    for round in 0..<3 {
      var tally = AnswerTally()
      for number in 0..<UsageLedger.mostLabels {
        tally.note(answer, info("alice", .hit, label: "\(round)-\(number)"))
      }
      ledger.note(tally.take(), on: "2026-11-25")
    }
    let rows = ledger.take()
    #expect(rows.count == UsageLedger.mostLabels + 1)
    #expect(rows.values.reduce(0) { $0 + $1.hits } == 3 * UsageLedger.mostLabels)
    // Another day has labels of its own.
    var tally = AnswerTally()
    tally.note(answer, info("alice", .hit, label: "new"))
    ledger.note(tally.take(), on: "2026-11-26")
    #expect(ledger.rows.keys.first?.label == "new")
  }

  @Test func whatIsNotTakenYetIsBoundedToo() {
    var tally = AnswerTally()
    for number in 0..<3 * AnswerTally.mostLabelled {
      tally.note(answer, info("alice", .hit, label: "\(number)"))
    }
    #expect(tally.rows.count == AnswerTally.mostLabelled + 1)
    #expect(tally.rows.values.reduce(0) { $0 + $1.answers } == 3 * AnswerTally.mostLabelled)
  }

  @Test func countersAreBoundedHoweverManyClientsThereAre() {
    var counts = AnswerCounts()
    for number in 0..<2 * AnswerCounts.mostPairs {
      var tally = AnswerTally()
      tally.note(answer, info("client-\(number)", .hit))
      counts.note(tally.take())
    }
    #expect(counts.counts.count == AnswerCounts.mostPairs + 1)
    let other = AnswerCounts.Key(
      client: AnswerCounts.other, model: AnswerCounts.other, priority: .normal, outcome: .hit)
    #expect(counts.counts[other] == AnswerCounts.mostPairs)
  }
}

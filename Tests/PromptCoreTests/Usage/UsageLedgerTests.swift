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

  private func answer(of model: String) -> CachedAnswer {
    CachedAnswer(
      keys: answer.keys, completion: answer.completion, boundaries: nil, model: model, origin: "o",
      client: "c", created: 0, expires: 1, tokens: TokenCount(), took: 0, cost: 0, request: nil)
  }

  @Test func aLabelForEachRequestFillsNothing() {
    var ledger = UsageLedger()
    for round in 0..<3 {
      var tally = AnswerTally()
      for number in 0..<UsageLedger.mostKinds {
        tally.note(answer, info("alice", .hit, label: "\(round)-\(number)"))
      }
      ledger.note(tally.take(), on: "2026-11-25")
    }
    let rows = ledger.take()
    #expect(rows.count == UsageLedger.mostKinds + 1)
    #expect(rows.values.reduce(0) { $0 + $1.hits } == 3 * UsageLedger.mostKinds)
    // Other clients have rows of their own, and so has another day.
    var tally = AnswerTally()
    tally.note(answer, info("bob", .hit, label: "new"))
    ledger.note(tally.take(), on: "2026-11-25")
    tally.note(answer, info("alice", .hit, label: "new"))
    ledger.note(tally.take(), on: "2026-11-26")
    #expect(ledger.take().keys.allSatisfy { $0.label == "new" })
  }

  @Test func aModelForEachRequestFillsNothing() {
    var ledger = UsageLedger()
    for number in 0..<3 * UsageLedger.mostKinds {
      var tally = AnswerTally()
      tally.note(answer(of: "model-\(number)"), info("alice", .hit))
      ledger.note(tally.take(), on: "2026-11-25")
    }
    let rows = ledger.take()
    #expect(rows.count == 2 * UsageLedger.mostKinds + 1)
    let other = rows.first { $0.key.model == UsageLedger.other }
    #expect(other?.value.hits == UsageLedger.mostKinds)
  }

  @Test func whatIsNotTakenYetIsBoundedForEachClient() {
    var tally = AnswerTally()
    for number in 0..<3 * AnswerTally.mostLabelled {
      tally.note(answer, info("alice", .hit, label: "\(number)"))
    }
    tally.note(answer, info("bob", .hit, label: "nightly"))
    #expect(tally.rows.count == AnswerTally.mostLabelled + 2)
    #expect(tally.rows.values.reduce(0) { $0 + $1.answers } == 3 * AnswerTally.mostLabelled + 1)
    #expect(tally.rows.keys.contains { $0.client == "bob" && $0.label == "nightly" })
  }

  @Test func countersAreBoundedHoweverManyModelsAreAskedFor() {
    var counts = AnswerCounts()
    for number in 0..<2 * AnswerCounts.mostModels {
      var tally = AnswerTally()
      tally.note(answer(of: "model-\(number)"), info("alice", .hit))
      counts.note(tally.take())
    }
    var tally = AnswerTally()
    tally.note(answer(of: "m"), info("bob", .hit))
    counts.note(tally.take())
    #expect(counts.counts.count == AnswerCounts.mostModels + 2)
    let shared = counts.counts.first { $0.key.model == AnswerCounts.other }
    #expect(shared?.key.client == "alice" && shared?.value == AnswerCounts.mostModels)
    #expect(counts.counts.contains { $0.key.client == "bob" && $0.key.model == "m" })
  }
}

package import JSON

/// What was used, and what the cache saved.
package struct UsageFigures: Equatable, Sendable {
  package var calls = 0
  /// Calls that failed.
  package var errors = 0
  package var tokensIn = 0
  package var tokensOut = 0
  /// In the currency of the prices.
  package var cost = 0.0
  /// Answers from the cache.
  package var hits = 0
  /// Answers that were shared with whoever asked first.
  package var joined = 0
  package var saved = Savings()

  package init() {}

  package static func += (sum: inout Self, more: Self) {
    sum.calls.addSaturating(more.calls)
    sum.errors.addSaturating(more.errors)
    sum.tokensIn.addSaturating(more.tokensIn)
    sum.tokensOut.addSaturating(more.tokensOut)
    sum.cost += more.cost
    sum.hits.addSaturating(more.hits)
    sum.joined.addSaturating(more.joined)
    sum.saved += more.saved
  }

  /// Writes all of them into an object that the caller has opened.
  package func writeMembers(to writer: inout JSONWriter) {
    writer.member("calls", calls)
    writer.member("errors", errors)
    writer.member("tokens_in", tokensIn)
    writer.member("tokens_out", tokensOut)
    writer.member("cost", cost)
    writer.member("hits", hits)
    writer.member("joined", joined)
    writer.name("saved")
    writer.object { writeSavings(to: &$0) }
  }

  /// Writes what was saved into an object that the caller has opened.
  package func writeSavings(to writer: inout JSONWriter) {
    writer.member("answers", hits + joined)
    writer.member("tokens_in", saved.tokensIn)
    writer.member("tokens_out", saved.tokensOut)
    writer.member("seconds", Double(saved.milliseconds) / 1000)
    writer.member("cost", saved.cost)
  }
}

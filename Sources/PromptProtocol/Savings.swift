/// What answers did not cost because they were there already, or on their way.
package struct Savings: Equatable, Sendable {
  package var tokensIn = 0
  package var tokensOut = 0
  /// What the calls would have taken, by what they took when they were made.
  package var milliseconds = 0
  /// In the currency of the prices.
  package var cost = 0.0

  package init() {}

  package static func += (sum: inout Self, more: Self) {
    sum.tokensIn.addSaturating(more.tokensIn)
    sum.tokensOut.addSaturating(more.tokensOut)
    sum.milliseconds.addSaturating(more.milliseconds)
    sum.cost += more.cost
  }
}

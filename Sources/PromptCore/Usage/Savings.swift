/// What answers did not cost because they were there already, or on their way.
package struct Savings: Equatable, Sendable {
  /// How many answers that were.
  package var answers = 0
  package var tokensIn = 0
  package var tokensOut = 0
  /// What the calls would have taken, by what they took when they were made.
  package var milliseconds = 0
  /// In the currency of the prices.
  package var cost = 0.0

  package init() {}

  package static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.answers += right.answers
    sum.tokensIn += right.tokensIn
    sum.tokensOut += right.tokensOut
    sum.milliseconds += right.milliseconds
    sum.cost += right.cost
    return sum
  }

  package static func - (left: Self, right: Self) -> Self {
    var rest = left
    rest.answers -= right.answers
    rest.tokensIn -= right.tokensIn
    rest.tokensOut -= right.tokensOut
    rest.milliseconds -= right.milliseconds
    rest.cost -= right.cost
    return rest
  }
}

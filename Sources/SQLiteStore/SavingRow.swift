/// What one client saved on one day.
package struct SavingRow: Equatable, Sendable {
  /// Empty in a sum over days.
  package var day: String
  package var client: String
  package var answers: Int
  package var tokensIn: Int
  package var tokensOut: Int
  package var milliseconds: Int
  package var cost: Double

  package init(
    day: String, client: String, answers: Int, tokensIn: Int, tokensOut: Int, milliseconds: Int,
    cost: Double
  ) {
    self.day = day
    self.client = client
    self.answers = answers
    self.tokensIn = tokensIn
    self.tokensOut = tokensOut
    self.milliseconds = milliseconds
    self.cost = cost
  }
}

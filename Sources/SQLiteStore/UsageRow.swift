/// What was used on one day by one client, with one model of one upstream, under one label.
package struct UsageRow: Equatable, Sendable {
  package var day: String
  package var client: String
  package var model: String
  package var upstream: String
  package var label: String
  package var calls: Int
  package var errors: Int
  package var tokensIn: Int
  package var tokensOut: Int
  package var cost: Double

  package init(
    day: String, client: String, model: String, upstream: String, label: String, calls: Int,
    errors: Int, tokensIn: Int, tokensOut: Int, cost: Double
  ) {
    self.day = day
    self.client = client
    self.model = model
    self.upstream = upstream
    self.label = label
    self.calls = calls
    self.errors = errors
    self.tokensIn = tokensIn
    self.tokensOut = tokensOut
    self.cost = cost
  }
}

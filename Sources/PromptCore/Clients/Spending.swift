/// What calls have cost within a day.
package struct Spending: Equatable, Sendable {
  /// Tokens, in and out.
  package var tokens: Int
  /// In the currency of the prices.
  package var cost: Double

  package init(tokens: Int = 0, cost: Double = 0) {
    self.tokens = tokens
    self.cost = cost
  }

  /// Adds the tokens of a call, and what they cost.
  package mutating func add(_ count: TokenCount, cost: Double) {
    tokens += count.total
    self.cost += cost
  }

  /// What is wrong with spending more, for people; nil within the budget.
  package func excess(of limits: ClientLimits) -> String? {
    if let most = limits.tokensPerDay, tokens >= most {
      return "\(tokens) of \(most) tokens are spent (tokens_per_day)"
    }
    if let most = limits.costPerDay, cost >= most {
      return "\(Self.money(cost)) of \(Self.money(most)) is spent (cost_per_day)"
    }
    return nil
  }

  /// With two decimals.
  private static func money(_ amount: Double) -> String {
    let cents = Int((min(amount, 1e12) * 100).rounded())
    let rest = cents % 100
    return "\(cents / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}

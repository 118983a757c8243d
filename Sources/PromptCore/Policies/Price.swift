/// What a model costs, for a million tokens, in whatever currency the administrator counts.
package struct Price: Hashable, Sendable {
  package var input: Double
  package var output: Double

  /// Prices for a million tokens, sent and received.
  package init(input: Double, output: Double) {
    self.input = input
    self.output = output
  }

  /// What tokens cost.
  package func cost(of tokens: TokenCount) -> Double {
    (Double(tokens.prompt) * input + Double(tokens.completion) * output) / 1e6
  }
}

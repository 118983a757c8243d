/// Tokens that a call took in and gave out, as the upstream counted them.
package struct TokenCount: Hashable, Sendable {
  package var prompt: Int
  package var completion: Int

  /// What no call can exceed: counts come from outside, and are added up for years.
  private static let limits = 0...(1 << 32)

  /// Counts outside of 0 to 2^32 are moved to the nearer end.
  package init(prompt: Int = 0, completion: Int = 0) {
    self.prompt = min(max(prompt, Self.limits.lowerBound), Self.limits.upperBound)
    self.completion = min(max(completion, Self.limits.lowerBound), Self.limits.upperBound)
  }

  /// Both together.
  package var total: Int { prompt + completion }
}

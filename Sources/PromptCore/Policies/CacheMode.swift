/// What the whole daemon does about answers that it does not have.
package enum CacheMode: String, CaseIterable, Sendable {
  /// The upstream is called.
  case normal
  /// Nothing is called, nothing expires and nothing is evicted: for tests without a network.
  case replay
}

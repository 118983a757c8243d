/// What a client may use; nil is no limit.
package struct ClientLimits: Hashable, Sendable {
  /// Requests under way at a time.
  package var maxInFlight: Int?
  /// Requests waiting at a time.
  package var maxQueued: Int?
  /// Requests in any sliding minute.
  package var requestsPerMinute: Int?
  /// Tokens, in and out, in any sliding minute.
  package var tokensPerMinute: Int?
  /// Tokens, in and out, in a local day.
  package var tokensPerDay: Int?
  /// Money in a local day, in the currency of the prices.
  package var costPerDay: Double?

  /// What holds where nothing else is said.
  package init() {}
}

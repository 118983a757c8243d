package import PromptProtocol

/// What is worth writing down of one upstream call.
package struct CallRecord: Equatable, Sendable {
  package var request: RequestID
  package var client: String
  package var asker: Asker
  /// The local day that it counts in, as `Day.name`.
  package var day: String
  package var model: String
  package var key: Digest
  package var priority: PriorityClass
  package var upstream: String
  package var label: String?
  /// What the cache was to the call.
  package var cache: CacheOutcome
  /// Which of its flight's calls it was, from 1.
  package var attempt: Int
  /// It failed, and is tried again.
  package var isRetried = false
  /// Milliseconds.
  package var queued: Int
  package var firstByte: Int?
  package var upstreamTime: Int
  package var tokens: TokenCount
  /// In the currency of the prices.
  package var cost: Double
  package var notStored: NotStored?
  /// The status that the upstream gave, where it refused.
  package var status: Int?
  /// Nil when an answer came.
  package var error: ErrorName?
  /// What went wrong, in words that hold no prompt and no key.
  package var message: String?
}

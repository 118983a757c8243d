package import PromptProtocol

/// An answer that may be served again. It never changes, so every thread may hold it.
package final class CachedAnswer: Equatable, Sendable {
  package let keys: CacheKeys
  /// The completion, one compact JSON object, as the upstream sent it or assembled from chunks.
  package let completion: [UInt8]
  /// Where its chunks ended, if it came as a stream.
  package let boundaries: ChunkBoundaries?
  package let model: String
  /// The `base_url` that made it.
  package let origin: String
  /// The client that paid for it.
  package let client: String
  /// Milliseconds since 1970; never negative.
  package let created: Int64
  package let expires: Int64
  package let tokens: TokenCount
  /// What the call took in milliseconds, and what it cost in the currency of the prices: what a hit
  /// saves.
  package let took: Int
  package let cost: Double
  /// The canonical request, only on its way to the disk.
  package let request: [UInt8]?
  /// It was made because somebody wanted no older one; only on its way to the disk.
  package let replaces: Bool

  package init(
    keys: CacheKeys, completion: [UInt8], boundaries: ChunkBoundaries?, model: String,
    origin: String, client: String, created: Int64, expires: Int64, tokens: TokenCount,
    took: Int, cost: Double, request: [UInt8]?, replaces: Bool = false
  ) {
    self.keys = keys
    self.completion = completion
    self.boundaries = boundaries
    self.model = model
    self.origin = origin
    self.client = client
    self.created = max(0, created)
    self.replaces = replaces
    self.expires = expires
    self.tokens = tokens
    // A damaged row may hold anything, and these are summed up.
    self.took = min(max(0, took), Self.longest)
    self.cost = cost
    self.request = request
  }

  /// No call takes longer, in milliseconds: some thirty years.
  private static let longest = 1 << 40

  /// Whether a request of this mode may have the answer at `now` (milliseconds since 1970): not
  /// expired, unless only the cache is asked, and at most `maxAge` seconds old.
  package func serves(_ control: CacheControl, maxAge: Double?, now: Int64) -> Bool {
    if let maxAge, Double(now - created) > maxAge * 1000 { return false }
    switch control {
    case .use: return now < expires
    case .only: return true
    case .refresh, .bypass: return false
    }
  }

  /// Whether it may stand in for an upstream that failed: at most `grace` milliseconds past its
  /// freshness, and at most `maxAge` seconds old.
  package func standsIn(maxAge: Double?, grace: Int64, now: Int64) -> Bool {
    let (last, overflows) = expires.addingReportingOverflow(grace)
    guard now < last || overflows else { return false }
    return serves(.only, maxAge: maxAge, now: now)
  }

  /// Whether a filter means it.
  package func isMeant(by filter: AnswerFilter) -> Bool {
    filter.matches(
      key: keys.key, variant: keys.variant, model: model, client: client, created: created)
  }

  /// Whole seconds since it was made, at `now` (milliseconds since 1970).
  package func age(now: Int64) -> Int { Int(max(0, now - created) / 1000) }

  /// Bytes that it takes in memory, near enough: the tier's own limit is kept by them.
  package var weight: Int {
    let texts = [model, origin, client].reduce(0) { $0 + Self.heapBytes($1) }
    return completion.count + boundaryBytes + texts + Self.overhead
  }

  /// The object, the array's head, a place in the queue and one in the dictionary, with what growing
  /// by doubling leaves empty; as measured.
  private static let overhead = 448

  /// Short texts live in the object itself.
  private static func heapBytes(_ text: String) -> Int {
    let count = text.utf8.count
    return count > 15 ? count + 48 : 0
  }

  private var boundaryBytes: Int {
    (boundaries?.pieces.count ?? 0) * MemoryLayout<ChunkBoundaries.Piece>.stride
  }

  package static func == (left: CachedAnswer, right: CachedAnswer) -> Bool {
    if left === right { return true }
    return left.keys == right.keys && left.completion == right.completion
      && left.boundaries == right.boundaries && left.model == right.model
      && left.origin == right.origin && left.client == right.client
      && left.created == right.created && left.expires == right.expires
      && left.tokens == right.tokens && left.took == right.took && left.cost == right.cost
      && left.request == right.request
  }

  /// The same answer without its canonical request, which memory does not keep.
  package var withoutRequest: CachedAnswer {
    guard request != nil else { return self }
    return CachedAnswer(
      keys: keys, completion: completion, boundaries: boundaries, model: model, origin: origin,
      client: client, created: created, expires: expires, tokens: tokens, took: took, cost: cost,
      request: nil)
  }
}

/// What a reply says of the cache.
package enum CacheOutcome: String, Sendable {
  case hit, miss, joined, stale, refreshed, bypassed
}

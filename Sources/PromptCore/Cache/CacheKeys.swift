package import PromptProtocol

/// What an answer is found by: the key over model, messages and seed, and the variant over
/// everything else that shapes it.
package struct CacheKeys: Hashable, Sendable {
  package var key: Digest
  package var variant: Digest

  package init(key: Digest, variant: Digest) {
    self.key = key
    self.variant = variant
  }
}

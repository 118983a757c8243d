package import PromptProtocol

/// What an answer in memory is found by, and how its reply is made: all that a hit needs to know of a
/// body. Handed on by reference.
package final class KnownBody: Sendable {
  package let keys: CacheKeys
  /// The digits of the key: every reply says them.
  package let keyDigits: [UInt8]
  package let control: CacheControl
  package let maxAge: Double?
  /// The class that was asked for.
  package let priority: PriorityClass?
  package let label: String?
  /// How the reply is wanted.
  package let streams: Bool
  package let includesUsage: Bool

  /// A body with its keys, and what the cache is to do by the policy.
  package init(_ body: ChatBody, keys: CacheKeys, _ control: CacheControl) {
    self.keys = keys
    keyDigits = Array(keys.key.hex.utf8)
    self.control = control
    maxAge = body.options.maxAge
    priority = body.options.priority
    label = body.options.label
    streams = body.stream
    includesUsage = body.includesUsage
  }
}

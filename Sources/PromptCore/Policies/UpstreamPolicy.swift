/// How much one upstream is used, and how its failures are met.
package struct UpstreamPolicy: Hashable, Sendable {
  package var name: String
  /// The models that it serves.
  package var models = [Glob.everything]
  /// Calls at a time: the slots of its lane.
  package var maxConcurrent = 16
  /// Requests in any sliding minute; nil is no limit.
  package var requestsPerMinute: Int?
  /// Tokens in any sliding minute; nil is no limit.
  package var tokensPerMinute: Int?
  package var retry = RetryPolicy()
  package var breaker = BreakerPolicy()

  /// The defaults under this name.
  package init(name: String) { self.name = name }

  /// Whether it serves `model`.
  package func serves(model: String) -> Bool { models.match(model) }
}

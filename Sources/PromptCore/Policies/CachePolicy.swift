package import PromptProtocol

/// What is kept, for how long, and when it is used.
package struct CachePolicy: Hashable, Sendable {
  package var mode = CacheMode.normal
  /// Bytes in memory.
  package var memory = 64 << 20
  /// Bytes on disk.
  package var disk = 2 << 30
  /// How long an answer is fresh, unless the request says otherwise.
  package var ttl = Duration.seconds(30 * 86_400)
  /// How long past its freshness an answer may stand in for a failing upstream; zero is never.
  package var staleIfError = Duration.seconds(86_400)
  /// Whether requests without a seed are cached.
  package var unseeded = true
  package var vary = VaryRule.everything
  /// The largest answer that is kept, in bytes.
  package var maxEntry = 4 << 20
  /// Whether the canonical request is kept on disk beside the answer.
  package var keepRequests = true
  /// Whether answers of the sandbox may go to disk.
  package var keepSandbox = false

  /// What holds where nothing else is said.
  package init() {}

  /// How a request uses the cache that asks for `asked`: in replay nothing is called, and
  /// requests without a seed may be kept out of the cache altogether.
  package func control(_ asked: CacheControl, isSeeded: Bool) -> CacheControl {
    if mode == .replay { return .only }
    return asked == .only || isSeeded || unseeded ? asked : .bypass
  }
}

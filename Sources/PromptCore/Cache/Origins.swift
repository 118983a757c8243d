/// Whose answers may be served: those of upstreams that are configured now, for the models that
/// they serve. Another server under the same model name is another model.
package struct Origins: Sendable {
  /// By reference, so that a look copies no policy.
  private final class Upstream: Sendable {
    let origin: String
    let policy: UpstreamPolicy

    init(_ lane: Lane) {
      origin = lane.origin
      policy = lane.policy
    }
  }

  private let upstreams: [Upstream]
  private let isReplay: Bool

  init(_ lanes: [Lane], mode: CacheMode) {
    upstreams = lanes.map(Upstream.init)
    isReplay = mode == .replay
  }

  /// Whether an answer from the cache may be served; in replay every one may.
  package func serve(_ answer: CachedAnswer) -> Bool {
    if isReplay { return true }
    return upstreams.contains {
      $0.origin == answer.origin && $0.policy.serves(model: answer.model)
    }
  }

  /// Whether an upstream serves a model.
  package func serve(model: String) -> Bool {
    upstreams.contains { $0.policy.serves(model: model) }
  }

  /// The name of the upstream that made an answer; nil when it is configured no more.
  package func name(of answer: CachedAnswer) -> String? {
    upstreams.first { $0.origin == answer.origin }?.policy.name
  }
}

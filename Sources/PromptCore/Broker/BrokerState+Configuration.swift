/// What changes when the configuration does, while everything goes on.
extension BrokerState {
  /// An upstream as the configuration has it.
  package struct Upstream: Sendable {
    package var policy: UpstreamPolicy
    /// The `base_url`.
    package var origin: String

    package init(policy: UpstreamPolicy, origin: String) {
      self.policy = policy
      self.origin = origin
    }
  }

  /// Takes over a new configuration, and says which lane each upstream has now, in file order.
  ///
  /// A lane is known again by name and origin, with all that waits, runs and was learnt there. One
  /// that is configured no more finishes what it has begun; what waits there, or for a model that
  /// its upstream serves no more, goes elsewhere.
  package mutating func reconfigured(
    _ upstreams: [Upstream], rules: Rules, now: Moment
  ) -> (lanes: [Int], actions: [BrokerAction]) {
    self.rules = rules
    room.limit = rules.queue.maxQueued
    order = upstreams.map { place($0) }
    for lane in lanes.indices {
      lanes[lane].queue.ageStep = rules.queue.ageStep
      lanes[lane].isRetired = !order.contains(lane)
      if lanes[lane].queue.count > 0 { lanes[lane].leaving = waiting(in: lane) }
    }
    origins = Origins(order.map { lanes[$0] }, mode: rules.cache.mode)
    return (order, startNext(now: now))
  }

  private mutating func place(_ upstream: Upstream) -> Int {
    let known = lanes.firstIndex {
      $0.policy.name == upstream.policy.name && $0.origin == upstream.origin
    }
    guard let known else {
      lanes.append(
        Lane(policy: upstream.policy, origin: upstream.origin, ageStep: rules.queue.ageStep))
      return lanes.count - 1
    }
    lanes[known].reconfigured(upstream.policy)
    return known
  }
}

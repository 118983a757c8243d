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
    let waitIsShorter = rules.queue.maxWait < self.rules.queue.maxWait
    self.rules = rules
    room.limit = rules.queue.maxQueued
    let paused = Set(lanes.filter { $0.isPaused && !$0.isRetired }.map(\.policy.name))
    order = upstreams.map { place($0, now: now.monotonic) }
    for lane in lanes.indices {
      lanes[lane].queue.ageStep = rules.queue.ageStep
      lanes[lane].isRetired = !order.contains(lane)
      // Another address under the name is as little to be called.
      lanes[lane].isPaused = !lanes[lane].isRetired && paused.contains(lanes[lane].policy.name)
      if lanes[lane].queue.count > 0 { lanes[lane].leaving = waiting(in: lane) }
    }
    origins = Origins(order.map { lanes[$0] }, mode: rules.cache.mode)
    if waitIsShorter {
      for waiter in waiters.values {
        deadlines.add(waitEnds(waiter.request), waiter.request.id, .wait)
      }
    }
    let wake = deadlines.earliest.map { [BrokerAction.wake($0)] } ?? []
    return (order, startNext(now: now) + wake)
  }

  private mutating func place(_ upstream: Upstream, now: MonotonicTime) -> Int {
    let known = lanes.firstIndex {
      $0.policy.name == upstream.policy.name && $0.origin == upstream.origin
    }
    guard let known else {
      lanes.append(
        Lane(policy: upstream.policy, origin: upstream.origin, ageStep: rules.queue.ageStep))
      return lanes.count - 1
    }
    lanes[known].reconfigured(upstream.policy, now: now)
    return known
  }
}

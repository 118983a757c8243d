import PromptProtocol

/// What the broker has under way, in numbers: small, whatever waits.
package struct BrokerFigures: Sendable {
  /// One lane in numbers.
  package struct Lane: Sendable {
    package var policy: UpstreamPolicy
    package var origin: String
    package var running: Int
    package var queued: Int
    package var isPaused: Bool
    /// It is configured no more, and finishes what it has begun.
    package var isRetired: Bool
    /// Whether it is configured, or has anything to finish.
    package var isInUse: Bool { !isRetired || running > 0 || queued > 0 }
    package var health: LaneHealth
    /// The running mean of a call's length in milliseconds; nil before the first.
    package var meanCall: Double?
  }

  /// One client in numbers; those under one name are one.
  package struct Client: Sendable {
    package var running = 0
    /// Requests that wait for a slot.
    package var queued = 0
    package var spent = Spending()
    package var limits = ClientLimits()
  }

  package var isStopping: Bool
  /// Those of upstreams that are configured in file order, and then the others.
  package var lanes: [Lane]
  /// How many flights wait for a slot in each class.
  package var queuedByClass: ClassCounts
  package var mostQueued: Int
  /// How many flights rest until their call is made again.
  package var retrying: Int
  package var tally: Tally
  package var clients: [String: Client]

  /// How many flights wait for a slot, in all lanes.
  package var queued: Int { lanes.reduce(0) { $0 + $1.queued } }

  /// How many flights hold a slot, in all lanes.
  package var running: Int { lanes.reduce(0) { $0 + $1.running } }
}

extension BrokerState {
  /// What is under way. Takes as long as there are lanes and clients.
  package var figures: BrokerFigures {
    var queuedByClass = ClassCounts()
    for lane in lanes {
      for priority in PriorityClass.allCases {
        queuedByClass[priority] += lane.queue.counts[priority]
      }
    }
    return BrokerFigures(
      isStopping: isStopping,
      lanes: (order.map { lanes[$0] } + lanes.filter(\.isRetired)).map {
        .init(
          policy: $0.policy, origin: $0.origin, running: $0.running.count, queued: $0.queue.count,
          isPaused: $0.isPaused, isRetired: $0.isRetired, health: $0.health, meanCall: $0.meanCall)
      },
      queuedByClass: queuedByClass, mostQueued: rules.queue.maxQueued,
      retrying: rests.all.count { flights[$0.flight]?.stage == .resting(until: $0.time) },
      tally: tally, clients: clientFigures)
  }

  private var clientFigures: [String: BrokerFigures.Client] {
    var clients: [String: BrokerFigures.Client] = [:]
    for account in accounts.all {
      var client = clients[account.terms.name] ?? BrokerFigures.Client()
      client.running += account.running
      client.queued += account.waiting.count
      client.spent = account.spent
      client.limits = account.terms.limits
      clients[account.terms.name] = client
    }
    return clients
  }
}

import PromptProtocol

/// What the broker has under way, in numbers: small, whatever waits.
package struct BrokerFigures: Sendable {
  /// One lane in numbers.
  package struct Lane: Sendable {
    package var policy: UpstreamPolicy
    package var origin: String
    package var running: Int
    package var queued: Int
  }

  package var isStopping: Bool
  package var lanes: [Lane]
  /// How many flights wait for a slot in each class.
  package var queuedByClass: ClassCounts
  package var mostQueued: Int
  package var tally: Tally

  /// How many flights wait for a slot, in all lanes.
  package var queued: Int { lanes.reduce(0) { $0 + $1.queued } }

  /// How many flights hold a slot, in all lanes.
  package var running: Int { lanes.reduce(0) { $0 + $1.running } }
}

extension BrokerState {
  /// What is under way. Takes as long as there are lanes.
  package var figures: BrokerFigures {
    var queuedByClass = ClassCounts()
    for lane in lanes {
      for priority in PriorityClass.allCases {
        queuedByClass[priority] += lane.queue.counts[priority]
      }
    }
    return BrokerFigures(
      isStopping: isStopping,
      lanes: lanes.map {
        .init(
          policy: $0.policy, origin: $0.origin, running: $0.running.count, queued: $0.queue.count)
      },
      queuedByClass: queuedByClass, mostQueued: rules.queue.maxQueued, tally: tally)
  }
}

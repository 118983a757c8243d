package import PromptProtocol

/// One request that waits for something, as `queue.list` shows it: no word of its prompt.
package struct QueueRow: Equatable, Sendable {
  /// Where its flight is.
  package enum State: String, Sendable {
    case looking, queued, running, retrying
  }

  package var request: RequestID
  package var client: String
  package var model: String
  package var priority: PriorityClass
  package var state: State
  /// Milliseconds since it came.
  package var waited: Int
  /// Its place in the queue of its lane, from 1; nil unless it is queued.
  package var position: Int?
  /// Milliseconds until it is likely to start; nil where that cannot be told.
  package var eta: Int?
  /// About how many tokens have come: one with each chunk. Nil before the first, and for a call that
  /// is answered at once.
  package var tokens: Int?
}

extension BrokerState {
  /// Everything that waits, the next to start first. Takes O(n log n): for people who look.
  package func rows(now: Moment) -> [QueueRow] {
    var turns: [FlightID: (position: Int, eta: Int?)] = [:]
    for lane in lanes {
      let order = lane.queue.ordered(now: now.monotonic) { request in
        waiters[request].flatMap { flights[$0.flight]?.waiters } ?? []
      }
      for (index, request) in order.enumerated() {
        guard let flight = waiters[request]?.flight else { continue }
        turns[flight] = (index + 1, eta(at: index + 1, request, lane, now: now))
      }
    }
    let rows = waiters.values.compactMap { waiter -> QueueRow? in
      guard let flight = flights[waiter.flight] else { return nil }
      let request = waiter.request
      let turn = turns[waiter.flight]
      return QueueRow(
        request: request.id, client: request.client, model: request.model,
        priority: request.priority, state: flight.stage.rowState,
        // The request may have come after the clock was read.
        waited: max(0, now.monotonic.milliseconds(since: request.arrived.monotonic)),
        position: turn?.position, eta: turn?.eta,
        tokens: flight.chunks.isEmpty ? nil : flight.chunks.count)
    }
    return rows.sorted { ($0.position ?? 0, -$0.waited) < ($1.position ?? 0, -$1.waited) }
  }
}

extension Flight.Stage {
  /// As `queue.list` calls it.
  fileprivate var rowState: QueueRow.State {
    switch self {
    case .looking: .looking
    case .queued: .queued
    case .running: .running
    case .resting: .retrying
    }
  }
}

package import PromptProtocol

/// How many requests wait, for how long, and how slots are kept free for the urgent.
package struct QueuePolicy: Hashable, Sendable {
  /// Requests waiting in all.
  package var maxQueued = 100_000
  /// How long a request waits; jobs wait without limit.
  package var maxWait = Duration.seconds(600)
  /// The wait that lifts a client's oldest request by one class.
  package var ageStep = Duration.seconds(60)
  /// The most of a lane's slots that the classes in it may hold, 0 … 1; others are never held back.
  package var share: [PriorityClass: Double] = [.idle: 0.5, .low: 0.75]

  /// What holds where nothing else is said.
  package init() {}

  /// The slots that requests of `priority` may hold in a lane of `slots`, at least one.
  package func slots(for priority: PriorityClass, of slots: Int) -> Int {
    guard let part = share[priority] else { return slots }
    return max(1, Int((Double(slots) * part).rounded(.down)))
  }
}

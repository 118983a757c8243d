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
}

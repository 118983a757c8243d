import PromptProtocol

/// One question under way and everybody who waits for its answer.
struct Flight: Sendable {
  /// Where it is. It goes from looking to queued to running; each of them may be its last.
  enum Stage: Equatable, Sendable {
    /// The disk tier is being asked. Goes to queued, or ends with a hit.
    case looking
    /// Waits for a slot of its lane. Goes to running.
    case queued
    /// Holds a slot; ends when the call does.
    case running(since: MonotonicTime, firstByte: MonotonicTime?)
  }

  let lane: Int
  var stage = Stage.looking
  /// Whose body and bill the flight's are. While it waits for a slot, each of those who wait has a
  /// place of its own in the queue, and the leader is the best of them, for whom it is counted; it
  /// begins for the first whose turn comes, and stays that one's as long as that one stays.
  var leader: RequestID
  /// Who waits besides the leader.
  var others: Set<RequestID> = []
  /// What has come of the answer, if it comes as a stream: for those who join.
  var chunks: [AnswerChunk] = []
  /// What the disk had that is not fresh, in case the call fails.
  var standIn: CachedAnswer?
  /// Whether whoever asks the same may join.
  let isJoinable: Bool

  /// Everybody who waits.
  var waiters: [RequestID] { [leader] + others }

  /// Whether it holds a slot.
  var isRunning: Bool { if case .running = stage { true } else { false } }

  /// Makes one of those who wait the leader.
  mutating func lead(_ request: RequestID) {
    guard request != leader else { return }
    others.remove(request)
    others.insert(leader)
    leader = request
  }
}

import PromptProtocol

/// One question under way and everybody who waits for its answer.
struct Flight: Sendable {
  /// Where it is. It goes from looking to queued to running; each of them may be its last. From a
  /// call that failed it goes back to the queue, at once or after a rest.
  enum Stage: Equatable, Sendable {
    /// The disk tier is being asked. Goes to queued, or ends with a hit.
    case looking
    /// Waits for a slot of its lane. Goes to running.
    case queued
    /// Holds a slot; ends when the call does, or is tried again.
    case running(since: MonotonicTime, firstByte: MonotonicTime?)
    /// Its call failed, and is tried again then. Goes to queued.
    case resting(until: MonotonicTime)
  }

  /// Where it is called, as long as that upstream does not fail.
  var lane: Int
  var stage = Stage.looking
  /// Whose body and bill the flight's are. While it waits for a slot, each of those who wait has a
  /// place of its own in the queue, and the leader is the best of them, for whom it is counted; it
  /// begins for the first whose turn comes, and stays that one's as long as that one stays.
  var leader: RequestID
  /// Who waits besides the leader.
  var others: Set<RequestID> = []
  /// What has come of the answer, if it comes as a stream: for those who join.
  var chunks: [AnswerChunk] = []
  /// How many calls have been begun for it.
  var attempts = 0
  /// How many of them went to see whether a failing upstream answers again: those are not held
  /// against it.
  var probes = 0
  /// The lanes to which there was no connection since the last rest.
  var unreached: Set<Int> = []
  /// What the last of its calls failed of.
  var lastFault: CallFault?
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

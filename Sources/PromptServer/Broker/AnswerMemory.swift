import PromptCore
import PromptProtocol
import Synchronization

/// The memory tier, shared by all threads. Its lock is held for one look or one change only.
final class AnswerMemory: Sendable {
  /// What it holds, for `status`.
  struct Figures {
    var entries: Int
    var bytes: Int
    var limit: Int
    /// Answers that made room for others since the start.
    var evictions: Int
  }

  private struct Contents {
    /// How long a look on disk may take, at most.
    private static let longestLook = Duration.seconds(60)

    var tier: MemoryTier
    /// What was removed lately: a look on disk that began before must not bring it back.
    var removals: [(filter: AnswerFilter, time: Moment)] = []

    /// Whether an answer that comes from the disk has been removed since it was made.
    mutating func isRemoved(_ answer: CachedAnswer, now: Moment) -> Bool {
      removals.removeAll { $0.time.monotonic.advanced(by: Self.longestLook) < now.monotonic }
      return removals.contains {
        let isOlder = answer.created <= $0.time.wall || answer.created > now.wall
        return isOlder && answer.isMeant(by: $0.filter)
      }
    }
  }

  private let contents: Mutex<Contents>

  /// A tier of at most `limit` bytes.
  init(limit: Int) { contents = Mutex(Contents(tier: MemoryTier(limit: limit))) }

  /// The answer under `keys`, and whether the disk is to be told that it is used; or nil. `now` is in
  /// milliseconds since 1970.
  func find(_ keys: CacheKeys, now: Int64) -> (answer: CachedAnswer, mustNote: Bool)? {
    contents.withLock { $0.tier.find(keys, now: now) }
  }

  /// The answer under `keys`, which is not noted as used; or nil.
  func peek(_ keys: CacheKeys) -> CachedAnswer? { contents.withLock { $0.tier.peek(keys) } }

  /// Keeps an answer.
  func insert(_ answer: CachedAnswer, now: Int64) {
    let kept = answer.withoutRequest
    contents.withLock { $0.tier.insert(kept, now: now) }
  }

  /// Keeps an answer that came from the disk, unless there is one already, or it was removed since.
  func promote(_ answer: CachedAnswer, now: Moment) {
    contents.withLock { contents in
      guard contents.tier.peek(answer.keys) == nil, !contents.isRemoved(answer, now: now)
      else { return }
      contents.tier.insert(answer, now: now.wall)
    }
  }

  /// Puts an answer in the place of the one under the same keys; nothing where there is none.
  func replace(_ answer: CachedAnswer, now: Int64) {
    contents.withLock { if $0.tier.peek(answer.keys) != nil { $0.tier.insert(answer, now: now) } }
  }

  /// Removes what a filter means, and says how many that were. Takes longer the more there are, and
  /// lets others in between.
  func remove(_ filter: AnswerFilter, now: Moment) -> Int {
    contents.withLock { $0.removals.append((filter, now)) }
    var removed = 0
    var place: Int? = 0
    while let start = place {
      let (count, next) = contents.withLock {
        $0.tier.remove(from: start) { $0.isMeant(by: filter) }
      }
      removed += count
      place = next
    }
    return removed
  }

  var figures: Figures {
    contents.withLock {
      Figures(
        entries: $0.tier.count, bytes: $0.tier.bytes, limit: $0.tier.limit,
        evictions: $0.tier.evictions)
    }
  }
}

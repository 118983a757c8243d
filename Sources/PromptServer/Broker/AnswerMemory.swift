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
  }

  private struct Contents {
    var tier: MemoryTier
    /// What was removed lately: a look on disk that began before must not bring it back.
    var removals: [(filter: AnswerFilter, time: MonotonicTime)] = []
  }

  /// How long a look on disk may take, at most.
  private static let longestLook = Duration.seconds(60)

  private let contents: Mutex<Contents>

  /// A tier of at most `limit` bytes.
  init(limit: Int) { contents = Mutex(Contents(tier: MemoryTier(limit: limit))) }

  /// The answer under `keys`, or nil.
  func find(_ keys: CacheKeys) -> CachedAnswer? { contents.withLock { $0.tier.find(keys) } }

  /// The answer under `keys`, which is not noted as used; or nil.
  func peek(_ keys: CacheKeys) -> CachedAnswer? { contents.withLock { $0.tier.peek(keys) } }

  /// Keeps an answer.
  func insert(_ answer: CachedAnswer) {
    let kept = answer.withoutRequest
    contents.withLock { $0.tier.insert(kept) }
  }

  /// Keeps an answer that came from the disk, unless there is one already, or it was removed since.
  func promote(_ answer: CachedAnswer) {
    contents.withLock { contents in
      guard contents.tier.peek(answer.keys) == nil,
        !contents.removals.contains(where: { answer.isMeant(by: $0.filter) })
      else { return }
      contents.tier.insert(answer)
    }
  }

  /// Puts an answer in the place of the one under the same keys; nothing where there is none.
  func replace(_ answer: CachedAnswer) {
    contents.withLock { if $0.tier.peek(answer.keys) != nil { $0.tier.insert(answer) } }
  }

  /// Removes what a filter means, and says how many that were.
  func remove(_ filter: AnswerFilter, now: MonotonicTime) -> Int {
    contents.withLock { contents in
      contents.removals.removeAll { $0.time.advanced(by: Self.longestLook) < now }
      contents.removals.append((filter, now))
      return contents.tier.remove { $0.isMeant(by: filter) }
    }
  }

  var figures: Figures {
    contents.withLock {
      Figures(entries: $0.tier.count, bytes: $0.tier.bytes, limit: $0.tier.limit)
    }
  }
}

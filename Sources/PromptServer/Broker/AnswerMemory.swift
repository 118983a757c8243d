import PromptCore
import Synchronization

/// The memory tier, shared by all threads. Its lock is held for one look or one change only.
final class AnswerMemory: Sendable {
  /// What it holds, for `status`.
  struct Figures {
    var entries: Int
    var bytes: Int
    var limit: Int
  }

  private let tier: Mutex<MemoryTier>

  /// A tier of at most `limit` bytes.
  init(limit: Int) { tier = Mutex(MemoryTier(limit: limit)) }

  /// The answer under `keys`, or nil.
  func find(_ keys: CacheKeys) -> CachedAnswer? { tier.withLock { $0.find(keys) } }

  /// Keeps an answer.
  func insert(_ answer: CachedAnswer) {
    let kept = answer.withoutRequest
    tier.withLock { $0.insert(kept) }
  }

  /// Keeps an answer that came from the disk, unless there is one already.
  func promote(_ answer: CachedAnswer) {
    tier.withLock { if !$0.contains(answer.keys) { $0.insert(answer) } }
  }

  var figures: Figures {
    tier.withLock { Figures(entries: $0.count, bytes: $0.bytes, limit: $0.limit) }
  }
}

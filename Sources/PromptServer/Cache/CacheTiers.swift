import PromptCore
import PromptProtocol
import SQLiteStore

/// Both places where answers are kept.
struct CacheTiers: Sendable {
  let memory: AnswerMemory
  let store: SQLiteAnswerStore

  /// Takes out an entry that turned out to be wrong.
  func remove(_ answer: StoredAnswer) {
    var filter = AnswerFilter()
    filter.key = DigestRange(hexPrefix: answer.key.hex)
    filter.variant = answer.variant
    _ = memory.remove(filter, now: SystemClock.now)
    store.remove(filter) { _ in }
  }
}

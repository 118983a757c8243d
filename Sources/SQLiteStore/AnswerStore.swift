package import PromptProtocol

/// Cached answers that outlive the process; whatever happens to the disk, no call here fails a
/// request: what cannot be read is a miss, and what cannot be written is dropped and counted.
package protocol AnswerStore: Sendable {
  /// Looks for the entry of `key` and `variant`, and returns at once.
  ///
  /// `completion` runs exactly once on another thread, with nil for a miss, and must not call
  /// `close`. With `freshAt`, milliseconds since 1970, an entry that has expired by then is a miss;
  /// without, its `expires` is for the caller to look at. The answer comes without its `request`.
  func read(
    key: Digest, variant: Digest, freshAt time: Int64?,
    completion: @escaping @Sendable (StoredAnswer?) -> Void)

  /// Queues an answer for a transaction soon after, and returns at once.
  ///
  /// An entry of the same key and variant is replaced; the last one queued wins.
  func enqueue(_ answer: StoredAnswer)

  /// Notes that an entry was served at `time`, in milliseconds since 1970.
  ///
  /// It reaches the disk with a later transaction, at most once a minute for each entry.
  func noteUse(key: Digest, variant: Digest, at time: Int64)

  /// What the store holds and did, from memory and without a wait.
  func statistics() -> AnswerStoreStatistics

  /// Writes what is queued and closes; blocks until both are done. Later calls do nothing.
  func close()
}

extension AnswerStore {
  /// Looks for the entry of `key` and `variant`, as `read` with a completion does.
  package func read(
    key: Digest, variant: Digest, freshAt time: Int64?
  ) async -> StoredAnswer? {
    await withCheckedContinuation { continuation in
      read(key: key, variant: variant, freshAt: time) { continuation.resume(returning: $0) }
    }
  }
}

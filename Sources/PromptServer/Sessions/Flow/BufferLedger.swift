import PromptCore
import Synchronization

/// Bytes that wait in this process for clients, or from them: half-read lines, queued bodies and
/// unread replies. Bounded in all, and to a quarter of that for one owner.
final class BufferLedger: Sendable {
  /// What belongs to one owner.
  final class Share: Sendable {
    fileprivate let bytes = Atomic<Int>(0)
  }

  let limit: Int
  private let total = Atomic<Int>(0)
  private let shares = Mutex<[Owner: Share]>([:])

  /// A ledger of at most `limit` bytes.
  init(limit: Int) { self.limit = limit }

  /// Bytes that wait, in all.
  var bytes: Int { total.load(ordering: .relaxed) }

  /// The share of an owner, a new one if need be.
  func share(of owner: Owner) -> Share {
    shares.withLock { shares in
      if let known = shares[owner] { return known }
      let share = Share()
      shares[owner] = share
      return share
    }
  }

  /// Adds bytes to what an owner has waiting, or takes them away.
  func add(_ bytes: Int, to share: Share) {
    total.add(bytes, ordering: .relaxed)
    share.bytes.add(bytes, ordering: .relaxed)
  }

  /// Whether an owner may have nothing more waiting.
  func isFull(for share: Share) -> Bool {
    total.load(ordering: .relaxed) >= limit
      || share.bytes.load(ordering: .relaxed) >= limit / 4
  }
}

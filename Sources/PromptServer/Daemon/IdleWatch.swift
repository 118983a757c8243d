import PromptCore
import Synchronization

/// Tells when a stopping broker has nothing left to do.
final class IdleWatch: Sendable {
  private let broker: Broker
  private let isWatching = Atomic<Bool>(false)
  private let idle: AsyncStream<Void>
  private let becameIdle: AsyncStream<Void>.Continuation

  init(_ broker: Broker) {
    self.broker = broker
    (idle, becameIdle) = AsyncStream<Void>.makeStream()
  }

  /// Something has changed: perhaps nothing is under way any more.
  func check() {
    guard isWatching.load(ordering: .acquiring), broker.look(\.isIdle) else { return }
    becameIdle.finish()
  }

  /// Returns when nothing is under way, or after `limit`.
  func wait(atMost limit: Duration) async {
    isWatching.store(true, ordering: .releasing)
    check()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [idle] in for await _ in idle {} }
      group.addTask {
        // Cancelled when the other is first.
        do { try await Task.sleep(for: limit) } catch { return }
      }
      await group.next()
      group.cancelAll()
    }
  }
}

import Synchronization

/// What one client has done since promptd began, counted by every thread without a lock.
final class ClientRecord: Sendable {
  /// What has been counted.
  struct Figures {
    var connections: Int
    var requests: Int
    /// Answers from memory, found on the way in.
    var memoryHits: Int
    /// Answers from the cache that the broker found: on disk, mostly.
    var laterHits: Int
    var errors: Int

    var hits: Int { memoryHits + laterHits }
  }

  let name: String
  private let connections = Atomic<Int>(0)
  private let requests = Atomic<Int>(0)
  private let memoryHits = Atomic<Int>(0)
  private let laterHits = Atomic<Int>(0)
  private let errors = Atomic<Int>(0)

  init(name: String) { self.name = name }

  /// A connection came.
  func connected() { connections.add(1, ordering: .relaxed) }

  /// A connection went.
  func disconnected() { connections.subtract(1, ordering: .relaxed) }

  /// A chat request came.
  func countRequest() { requests.add(1, ordering: .relaxed) }

  /// An error went out.
  func countError() { errors.add(1, ordering: .relaxed) }

  /// An answer went out that the broker found in the cache.
  func countLaterHit() { laterHits.add(1, ordering: .relaxed) }

  /// An answer from memory went out that was found on the way in.
  func countHit() { memoryHits.add(1, ordering: .relaxed) }

  var figures: Figures {
    Figures(
      connections: connections.load(ordering: .relaxed),
      requests: requests.load(ordering: .relaxed),
      memoryHits: memoryHits.load(ordering: .relaxed),
      laterHits: laterHits.load(ordering: .relaxed), errors: errors.load(ordering: .relaxed))
  }
}

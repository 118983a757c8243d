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
    /// Tokens that answers from memory did not cost.
    var savedPrompt: Int
    var savedCompletion: Int

    var hits: Int { memoryHits + laterHits }
  }

  let name: String
  private let connections = Atomic<Int>(0)
  private let requests = Atomic<Int>(0)
  private let memoryHits = Atomic<Int>(0)
  private let laterHits = Atomic<Int>(0)
  private let errors = Atomic<Int>(0)
  private let savedPrompt = Atomic<Int>(0)
  private let savedCompletion = Atomic<Int>(0)

  init(name: String) { self.name = name }

  /// A connection came.
  func connected() { connections.add(1, ordering: .relaxed) }

  /// A connection went.
  func disconnected() { connections.subtract(1, ordering: .relaxed) }

  /// A chat request came.
  func countRequest() { requests.add(1, ordering: .relaxed) }

  /// An error went out.
  func countError() { errors.add(1, ordering: .relaxed) }

  /// An answer from the cache went out that was not found on the way in.
  func countLaterHit() { laterHits.add(1, ordering: .relaxed) }

  /// An answer from memory went out, which did not cost these tokens.
  func countHit(prompt: Int, completion: Int) {
    memoryHits.add(1, ordering: .relaxed)
    savedPrompt.add(prompt, ordering: .relaxed)
    savedCompletion.add(completion, ordering: .relaxed)
  }

  var figures: Figures {
    Figures(
      connections: connections.load(ordering: .relaxed),
      requests: requests.load(ordering: .relaxed),
      memoryHits: memoryHits.load(ordering: .relaxed),
      laterHits: laterHits.load(ordering: .relaxed), errors: errors.load(ordering: .relaxed),
      savedPrompt: savedPrompt.load(ordering: .relaxed),
      savedCompletion: savedCompletion.load(ordering: .relaxed))
  }
}

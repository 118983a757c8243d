import PromptCore
import PromptProtocol
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
    /// What it did not cost.
    var savings: Savings

    var hits: Int { memoryHits + laterHits }
  }

  let name: String
  private let connections = Atomic<Int>(0)
  private let requests = Atomic<Int>(0)
  private let memoryHits = Atomic<Int>(0)
  private let laterHits = Atomic<Int>(0)
  private let errors = Atomic<Int>(0)
  /// Answers that were shared, or stood in.
  private let others = Atomic<Int>(0)
  private let savedPrompt = Atomic<Int>(0)
  private let savedCompletion = Atomic<Int>(0)
  private let savedMilliseconds = Atomic<Int>(0)
  /// In billionths.
  private let savedCost = Atomic<Int>(0)

  init(name: String) { self.name = name }

  /// A connection came.
  func connected() { connections.add(1, ordering: .relaxed) }

  /// A connection went.
  func disconnected() { connections.subtract(1, ordering: .relaxed) }

  /// A chat request came.
  func countRequest() { requests.add(1, ordering: .relaxed) }

  /// An error went out.
  func countError() { errors.add(1, ordering: .relaxed) }

  /// An answer went out that was not found on the way in; what it is to the cache.
  func count(_ answer: CachedAnswer, _ outcome: CacheOutcome?) {
    switch outcome {
    case .hit:
      laterHits.add(1, ordering: .relaxed)
      save(answer.savings(joined: false))
    case .joined, .stale:
      // They waited as long as the call took.
      others.add(1, ordering: .relaxed)
      save(answer.savings(joined: true))
    case .miss, .refreshed, .bypassed, nil: break
    }
  }

  /// An answer from memory went out that was found on the way in.
  func countHit(_ answer: CachedAnswer) {
    memoryHits.add(1, ordering: .relaxed)
    save(answer.savings(joined: false))
  }

  private func save(_ savings: Savings) {
    savedPrompt.add(savings.tokensIn, ordering: .relaxed)
    savedCompletion.add(savings.tokensOut, ordering: .relaxed)
    savedMilliseconds.add(savings.milliseconds, ordering: .relaxed)
    if savings.cost > 0 {
      savedCost.add(Int(min(savings.cost * 1e9, 1e15)), ordering: .relaxed)
    }
  }

  var figures: Figures {
    let (fromMemory, later) = (
      memoryHits.load(ordering: .relaxed), laterHits.load(ordering: .relaxed)
    )
    var savings = Savings()
    savings.answers = fromMemory + later + others.load(ordering: .relaxed)
    savings.tokensIn = savedPrompt.load(ordering: .relaxed)
    savings.tokensOut = savedCompletion.load(ordering: .relaxed)
    savings.milliseconds = savedMilliseconds.load(ordering: .relaxed)
    savings.cost = Double(savedCost.load(ordering: .relaxed)) / 1e9
    return Figures(
      connections: connections.load(ordering: .relaxed),
      requests: requests.load(ordering: .relaxed),
      memoryHits: fromMemory, laterHits: later, errors: errors.load(ordering: .relaxed),
      savings: savings)
  }
}

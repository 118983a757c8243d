import PromptCore
import PromptProtocol
import Synchronization

/// Where one event loop counts the answers that go out on it. Its lock is the loop's alone but for
/// whoever looks, once a minute or when asked.
final class AnswerBook: Sendable {
  private let tally = Mutex(AnswerTally())

  /// Counts an answer, and what its reply says of it.
  func note(_ answer: CachedAnswer, _ info: ReplyInfo) { tally.withLock { $0.note(answer, info) } }

  /// Counts an answer from memory.
  func note(_ hit: Hit) {
    tally.withLock {
      $0.note(
        hit.answer, .hit, to: hit.caller.policy.name, upstream: hit.upstream ?? "",
        label: hit.known.label ?? "", hit.priority)
    }
  }

  /// Takes out what was counted.
  func take() -> [AnswerTally.Key: AnswerTally.Figures] { tally.withLock { $0.take() } }
}

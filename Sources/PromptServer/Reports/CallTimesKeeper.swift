import PromptCore
import Synchronization

/// How long calls waited and took, by upstream: as many figures as there are upstreams, whoever asks
/// for whatever.
final class CallTimesKeeper: Sendable {
  /// One upstream's.
  struct Times {
    var queued = Histogram()
    var firstByte = Histogram()
    var whole = Histogram()
    /// Tokens as the upstream counts them.
    var tokensIn = 0
    var tokensOut = 0

    fileprivate mutating func note(_ record: CallRecord) {
      queued.add(record.queued)
      if let time = record.firstByte { firstByte.add(time) }
      whole.add(record.upstreamTime)
      tokensIn += record.tokens.prompt
      tokensOut += record.tokens.completion
    }
  }

  private let times = Mutex<[String: Times]>([:])

  /// Counts a call that is over.
  func note(_ record: CallRecord) {
    times.withLock { $0[record.upstream, default: Times()].note(record) }
  }

  /// By the names of the upstreams.
  var all: [(upstream: String, times: Times)] {
    times.withLock { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
  }
}

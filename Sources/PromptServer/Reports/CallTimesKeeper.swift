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
  }

  private let times = Mutex<[String: Times]>([:])

  /// Counts a call that is over.
  func note(_ record: CallRecord) {
    times.withLock { times in
      times[record.upstream, default: Times()].queued.add(record.queued)
      if let firstByte = record.firstByte {
        times[record.upstream, default: Times()].firstByte.add(firstByte)
      }
      times[record.upstream, default: Times()].whole.add(record.upstreamTime)
      times[record.upstream, default: Times()].tokensIn += record.tokens.prompt
      times[record.upstream, default: Times()].tokensOut += record.tokens.completion
    }
  }

  /// By the names of the upstreams.
  var all: [(upstream: String, times: Times)] {
    times.withLock { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
  }
}

import Synchronization

/// Counts what comes of a batch, for the line that shows it meanwhile.
final class BatchTally: Sendable {
  private let progress: Mutex<BatchProgress>
  private let began = ContinuousClock.now

  init(total: Int, earlier: Int) {
    progress = Mutex(BatchProgress(total: total, earlier: earlier))
  }

  /// How far it has come.
  var now: BatchProgress { progress.withLock { $0 } }

  /// Time since it began.
  var elapsed: Duration { .now - began }

  /// One more has come.
  func count(_ result: BatchResult) { progress.withLock { $0.count(result) } }
}

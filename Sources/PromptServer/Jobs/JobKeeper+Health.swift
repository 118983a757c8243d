import Dispatch
import SQLiteStore
import Synchronization

/// Whether the disk does what jobs need. All of it runs on the disk's thread.
extension JobKeeper {
  /// The disk did something.
  func worked() { contents.withLock { $0.turn.hasWorked = true } }

  /// The disk failed, or is not to be used: all is tried again.
  func failed(_ trouble: String) {
    contents.withLock { $0.turn.hasFailed = true }
    health.note(trouble)
    retry()
  }

  /// Tries again what the disk did not take, a while after the first of however many faults.
  private func retry() {
    let isFirst = contents.withLock { contents in
      defer { contents.isRetryDue = true }
      return !contents.isRetryDue
    }
    guard isFirst else { return }
    disk.asyncAfter(deadline: .now() + Self.pauseAfterFault) { [self] in
      contents.withLock { $0.isRetryDue = false }
      write()
      let isInDoubt = contents.withLock { $0.hasClaim && !$0.turn.hasFailed }
      if isInDoubt, health.trouble != nil { look() }
    }
  }

  /// Finds out whether the disk takes anything: what failed may be gone, and so nothing tries it again.
  private func look() {
    do throws(StoreFault) {
      try store.writeNothing()
      health.note(nil)
    } catch {
      failed(error.description)
    }
  }
}

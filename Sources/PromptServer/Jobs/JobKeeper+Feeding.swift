import Dispatch
import PromptCore
import PromptProtocol
import SQLiteStore
import Synchronization

/// What is put to work, and when. All of it runs on the disk's thread.
extension JobKeeper {
  /// Puts as many to work as the windows take.
  func feed() {
    do throws(StoreFault) {
      guard try claim() else {
        return failed("another promptd does the jobs in it: they go on here once that has ended")
      }
      try takeStock()
      let readings = contents.withLock { $0.isStopping ? [] : $0.windows.readings }
      for reading in readings { try feed(reading) }
      if !readings.isEmpty { worked() }
    } catch {
      failed(error.description)
    }
  }

  /// Whether the jobs are this daemon's to do: not while the one before it finishes those that it has
  /// begun. What that one has done meanwhile is looked at when it has ended.
  private func claim() throws(StoreFault) -> Bool {
    if contents.withLock(\.hasClaim) { return true }
    guard try store.claim() else { return false }
    contents.withLock { contents in
      contents.hasClaim = true
      contents.generation = -1
    }
    for id in waiters.jobs {
      if let job = try store.job(id), job.isFinished {
        waiters.tell(id, .success(JobJSON.whole(job)))
      }
    }
    return true
  }

  private func feed(_ reading: JobWindows.Reading) throws(StoreFault) {
    let jobs = try store.queued(
      priority: reading.line.priority.rawValue, owner: reading.line.owner, after: reading.after,
      count: reading.count)
    for job in jobs {
      guard contents.withLock(\.windows.hasRoom) else { return }
      try putToWork(job)
      contents.withLock { $0.windows.read(reading.line, upTo: job.number) }
    }
    if jobs.count < reading.count {
      contents.withLock { $0.windows.exhausted(reading.line) }
    }
  }

  /// Puts a job to work that is neither there already nor held back. One that cannot be read is left
  /// where it is.
  private func putToWork(_ job: JobRow) throws(StoreFault) {
    let line = Self.line(of: job)
    let isNew = contents.withLock { contents in
      guard contents.atWork[job.id] == nil, !contents.held.contains(job.id) else { return false }
      contents.windows.began(line, bytes: job.bodyBytes)
      contents.atWork[job.id] = Work(line: line, owner: job.owner, bytes: job.bodyBytes)
      return true
    }
    guard isNew else { return }
    let whole: JobRow?
    do throws(StoreFault) {
      whole = try store.job(job.id)
    } catch {
      contents.withLock { _ = $0.leave(job.id) }
      throw error
    }
    if let whole, !whole.isFinished {
      start(whole)
    } else {
      contents.withLock { _ = $0.leave(job.id) }
    }
  }

  /// Tries a job again that was held back.
  func resume(_ id: String) {
    let isMeant = contents.withLock { contents in
      !contents.isStopping && contents.held.remove(id) != nil
    }
    guard isMeant else { return }
    do throws(StoreFault) {
      if let job = try store.job(id), !job.isFinished { try putToWork(job) }
    } catch {
      failed(error.description)
      contents.withLock { _ = $0.held.insert(id) }
      disk.asyncAfter(deadline: .now() + Self.pauseAfterFault) { [self] in resume(id) }
    }
  }

  /// Looks whose jobs wait, at first and whenever another file is in use.
  func takeStock() throws(StoreFault) {
    let isKnown = contents.withLock { $0.generation == store.generation }
    if isKnown, store.generation > 0 { return }
    let waiting = try store.waiting()
    let generation = store.generation
    let isReplaced = contents.withLock { contents in
      defer { contents.generation = generation }
      return contents.generation > 0
    }
    if isReplaced {
      health.note("the state file was removed or replaced: jobs that were in it are gone")
    }
    contents.withLock { contents in
      contents.windows = Self.emptyWindows
      contents.allowance = JobAllowance()
      contents.held = []
      contents.atWork = [:]
      for one in waiting {
        contents.windows.submitted(
          JobWindows.Line(
            priority: PriorityClass(rawValue: one.priority) ?? .idle, owner: one.owner))
        contents.allowance.add(one.count, bytes: one.bytes, of: one.owner)
      }
    }
    worked()
    for job in waiters.jobs where try store.job(job) == nil {
      waiters.tell(job, .failure(Self.gone))
    }
  }

  static func line(of job: JobRow) -> JobWindows.Line {
    JobWindows.Line(priority: PriorityClass(rawValue: job.priority) ?? .idle, owner: job.owner)
  }
}

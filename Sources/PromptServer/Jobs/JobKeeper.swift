import Dispatch
import PromptCore
import PromptProtocol
import SQLiteStore
import Synchronization

/// Keeps jobs on disk from their acceptance to their end, and has some of them at work: as many of each
/// class as keep the upstreams busy, while the rest waits on disk.
///
/// Everything that touches the disk happens in order on one thread, so whoever waits for a job and
/// its end cannot miss each other. What comes meanwhile is written together.
final class JobKeeper: Sendable {
  /// A job that was accepted, and who is told once it is on disk.
  struct Submission: Sendable {
    var row: JobRow
    var request: RequestID
    var route: Route
  }

  /// How a job at work came out.
  enum Outcome: Sendable {
    /// It ended: what its client gets, as JSON.
    case ended(JobState, [UInt8])
    /// It could not be put to the queue now; to be tried again after so many seconds.
    case postponed(seconds: Double)
    /// The daemon stops: the next start has it.
    case left
  }

  private struct Contents {
    var submissions: [Submission] = []
    var endings: [SQLiteJobStore.Ending] = []
    var isScheduled = false
    var isStopping = false
    /// The last write failed.
    var isFailing = false
    var windows = JobWindows(size: JobKeeper.mostAtWork)
    var atWork: [String: Work] = [:]
    var waiters: [String: [RequestID: Route]] = [:]
    /// When old ones were last forgotten.
    var tidied: Int64 = 0
  }

  private struct Work {
    var job: JobRow
    /// Its call has begun.
    var isRunning = false
    /// The broker knows it by this name.
    var request: RequestID?
  }

  /// Jobs at work in one class, at most: more than any upstream's slots, and few megabytes.
  private static let mostAtWork = 256
  private static let pauseAfterFault = DispatchTimeInterval.seconds(2)
  private static let tidyingInterval: Int64 = 3_600_000

  let broker: Broker
  private let store: SQLiteJobStore
  private let keep: Duration
  private let start: @Sendable (JobRow) -> Void
  private let faulty: @Sendable (String?) -> Void
  private let contents = Mutex(Contents())
  private let disk = DispatchQueue(label: "promptd.jobs")

  /// `start` puts a job to work; `faulty` is told why jobs cannot be written, and nil once they can.
  init(
    _ store: SQLiteJobStore, broker: Broker, keep: Duration,
    start: @escaping @Sendable (JobRow) -> Void, faulty: @escaping @Sendable (String?) -> Void
  ) {
    self.store = store
    self.broker = broker
    self.keep = keep
    self.start = start
    self.faulty = faulty
  }

  /// Puts to work what was there before this start.
  func open() { disk.async { [self] in feed() } }

  // MARK: From clients

  /// Accepts a job: its client is told once it is on disk.
  func submit(_ submission: Submission) {
    schedule { $0.submissions.append(submission) }
  }

  /// Lends the job of this name as it is, with the disk's thread, to `body`.
  func look(
    _ id: String, _ body: @escaping @Sendable (Result<JobRow?, StoreFault>) -> Void
  ) {
    disk.async { [self] in
      body(Result { () throws(StoreFault) in try store.job(id).map(current) })
    }
  }

  /// The latest jobs, with the disk's thread.
  func latest(
    owner: String?, count: Int, _ body: @escaping @Sendable (Result<[JobRow], StoreFault>) -> Void
  ) {
    disk.async { [self] in
      body(
        Result { () throws(StoreFault) in try store.latest(owner: owner, count: count).map(current)
        })
    }
  }

  /// Tells `route` once the job ends, which has not ended; called with the disk's thread.
  func wait(for id: String, _ request: RequestID, by route: Route) {
    let isStopping = contents.withLock { contents in
      if !contents.isStopping { contents.waiters[id, default: [:]][request] = route }
      return contents.isStopping
    }
    if isStopping { route.send(.told(.failure(.stopping)), of: request) }
  }

  /// Nobody waits under this name any more.
  func forget(_ request: RequestID) {
    contents.withLock { contents in
      for (id, waiters) in contents.waiters where waiters[request] != nil {
        contents.waiters[id]?[request] = nil
        if contents.waiters[id]?.isEmpty == true { contents.waiters[id] = nil }
      }
    }
  }

  /// Ends a job that has not ended; called with the disk's thread. False if it had.
  func cancel(_ job: JobRow, reply: [UInt8]) throws(StoreFault) -> Bool {
    let ending = SQLiteJobStore.Ending(
      id: job.id, state: JobState.cancelled.rawValue, reply: reply, time: SystemClock.now.wall)
    guard try !store.finish([ending]).isEmpty else { return false }
    tell([ending])
    if let request = contents.withLock({ $0.atWork[job.id]?.request }) {
      _ = broker.cancel(request)
    }
    return true
  }

  // MARK: From work

  /// The broker knows a job by this name.
  func began(_ id: String, as request: RequestID) {
    contents.withLock { $0.atWork[id]?.request = request }
  }

  /// A job's call has begun.
  func running(_ id: String) { contents.withLock { $0.atWork[id]?.isRunning = true } }

  /// A job at work came out so.
  func came(_ outcome: Outcome, of id: String) {
    switch outcome {
    case .ended(let state, let reply):
      let ending = SQLiteJobStore.Ending(
        id: id, state: state.rawValue, reply: reply, time: SystemClock.now.wall)
      schedule { $0.endings.append(ending) }
    case .postponed(let seconds):
      disk.asyncAfter(deadline: .now() + min(max(0.1, seconds), 3600)) { [self] in
        let job = contents.withLock { contents -> JobRow? in
          contents.atWork[id]?.isRunning = false
          contents.atWork[id]?.request = nil
          return contents.isStopping ? nil : contents.atWork[id]?.job
        }
        if let job { start(job) }
      }
    case .left: break
    }
  }

  // MARK: Stopping

  /// Puts no more to work; whoever waits is told to wait again.
  func stop() {
    let waiters = contents.withLock { contents in
      contents.isStopping = true
      defer { contents.waiters = [:] }
      return contents.waiters
    }
    for (request, route) in waiters.values.joined() {
      route.send(.told(.failure(.stopping)), of: request)
    }
  }

  /// Writes what there is. Blocks on the disk.
  func close() { disk.sync { write() } }

  // MARK: The disk's thread

  private func schedule(_ add: (inout Contents) -> Void) {
    let isFirst = contents.withLock { contents in
      add(&contents)
      defer { contents.isScheduled = true }
      return !contents.isScheduled
    }
    if isFirst { disk.async { [self] in write() } }
  }

  private func write() {
    let (submissions, endings) = contents.withLock { contents in
      contents.isScheduled = false
      defer {
        contents.submissions = []
        contents.endings = []
      }
      return (contents.submissions, contents.endings)
    }
    if !submissions.isEmpty { accept(submissions) }
    if !endings.isEmpty { end(endings) }
    feed()
  }

  private func accept(_ submissions: [Submission]) {
    do throws(StoreFault) {
      let stored = try store.submit(submissions.map(\.row))
      note(nil)
      contents.withLock { contents in
        for row in stored where row.number > 0 {
          contents.windows.submitted(PriorityClass(rawValue: row.priority) ?? .idle)
        }
      }
      for (submission, row) in zip(submissions, stored) {
        submission.route.send(
          .told(.success(JobJSON.accepted(current(row)))), of: submission.request)
      }
    } catch {
      note(error.description)
      let refusal = WireError(
        .internalError, "the job was not accepted, because it cannot be kept: \(error)")
      for submission in submissions {
        submission.route.send(.told(.failure(refusal)), of: submission.request)
      }
    }
  }

  private func end(_ endings: [SQLiteJobStore.Ending]) {
    do throws(StoreFault) {
      let ended = try store.finish(endings)
      note(nil)
      contents.withLock { contents in
        for ending in endings {
          guard let work = contents.atWork.removeValue(forKey: ending.id) else { continue }
          contents.windows.ended(PriorityClass(rawValue: work.job.priority) ?? .idle)
        }
      }
      tell(endings.filter { ended.contains($0.id) })
      tidy()
    } catch {
      note(error.description)
      // What was paid for is kept until the disk takes it.
      contents.withLock { contents in
        contents.endings = endings + contents.endings
        contents.isScheduled = true
      }
      disk.asyncAfter(deadline: .now() + Self.pauseAfterFault) { [self] in write() }
    }
  }

  private func tell(_ endings: [SQLiteJobStore.Ending]) {
    for ending in endings {
      let waiters = contents.withLock { $0.waiters.removeValue(forKey: ending.id) } ?? [:]
      guard !waiters.isEmpty else { continue }
      do throws(StoreFault) {
        guard let row = try store.job(ending.id) else { continue }
        let json = JobJSON.whole(row)
        for (request, route) in waiters { route.send(.told(.success(json)), of: request) }
      } catch {
        for (request, route) in waiters {
          route.send(.told(.failure(error.wireError)), of: request)
        }
      }
    }
  }

  /// Puts as many to work as the windows take.
  private func feed() {
    let readings = contents.withLock { $0.isStopping ? [] : $0.windows.readings }
    for reading in readings {
      do throws(StoreFault) {
        let jobs = try store.queued(
          priority: reading.priority.rawValue, after: reading.after, count: reading.count)
        note(nil)
        contents.withLock { contents in
          contents.windows.read(reading, numbers: jobs.map(\.number))
          for job in jobs { contents.atWork[job.id] = Work(job: job) }
        }
        for job in jobs { start(job) }
      } catch {
        note(error.description)
        disk.asyncAfter(deadline: .now() + Self.pauseAfterFault) { [self] in feed() }
        return
      }
    }
  }

  private func tidy() {
    let now = SystemClock.now.wall
    let isDue = contents.withLock { contents in
      guard now - contents.tidied > Self.tidyingInterval else { return false }
      contents.tidied = now
      return true
    }
    guard isDue else { return }
    do throws(StoreFault) {
      try store.removeFinished(before: now - keep.components.seconds * 1000)
    } catch {
      note(error.description)
    }
  }

  /// A job that waits on disk may be running.
  private func current(_ row: JobRow) -> JobRow {
    var row = row
    if row.state == JobState.queued.rawValue,
      contents.withLock({ $0.atWork[row.id]?.isRunning }) == true
    {
      row.state = JobState.running.rawValue
    }
    return row
  }

  private func note(_ fault: String?) {
    let isNews = contents.withLock { contents in
      defer { contents.isFailing = fault != nil }
      return contents.isFailing != (fault != nil)
    }
    if isNews { faulty(fault) }
  }
}

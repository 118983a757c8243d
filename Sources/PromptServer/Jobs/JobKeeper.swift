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

  /// What a turn of the disk's thread came to. A fault of any part of it counts, whatever else went well:
  /// where reading fails, writing may work.
  struct Turn {
    var hasWorked = false
    var hasFailed = false
  }

  struct Contents {
    var submissions: [Submission] = []
    var endings: [SQLiteJobStore.Ending] = []
    var isScheduled = false
    var isStopping = false
    var turn = Turn()
    var windows = JobKeeper.emptyWindows
    /// No other daemon does these jobs.
    var hasClaim = false
    /// The file that all this is about.
    var generation = -1
    var atWork: [String: Work] = [:]
    /// Jobs that could not be put to the queue, and are tried again later: they take no place.
    var held: Set<String> = []
    /// What waits, by owner.
    var allowance = JobAllowance()
    /// The disk failed, and is to be tried again.
    var isRetryDue = false
    /// When old ones were last forgotten.
    var tidied: Int64 = 0
    /// Bytes of results since then.
    var untidied = 0
  }

  struct Work {
    var line: JobWindows.Line
    var owner: String
    var bytes: Int
    /// Its call has begun.
    var isRunning = false
    var isCancelled = false
    /// The broker knows it by this name.
    var request: RequestID?
  }

  /// Jobs at work for one owner in one class, at most, and bytes of all of their bodies, about.
  static let emptyWindows = JobWindows(size: 64, byteLimit: 64 << 20)
  static let pauseAfterFault = DispatchTimeInterval.seconds(2)
  private static let tidyingInterval: Int64 = 3_600_000
  private static let tidyingBytes = 256 << 20

  let broker: Broker
  let store: SQLiteJobStore
  private let keep: Duration
  let start: @Sendable (JobRow) -> Void
  let health: StoreHealth
  let waiters = JobWaiters()
  let contents = Mutex(Contents())
  let disk = DispatchQueue(label: "promptd.jobs")

  /// `start` puts a job to work.
  init(
    _ store: SQLiteJobStore, broker: Broker, keep: Duration,
    health: StoreHealth,
    start: @escaping @Sendable (JobRow) -> Void
  ) {
    self.store = store
    self.broker = broker
    self.keep = keep
    self.start = start
    self.health = health
  }

  /// Puts to work what was there before this start.
  func open() { disk.async { [self] in write() } }

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

  /// Ends a job that has not ended; called with the disk's thread. False if it had.
  func cancel(_ job: JobRow, reply: [UInt8]) throws(StoreFault) -> Bool {
    let ending = SQLiteJobStore.Ending(
      id: job.id, state: JobState.cancelled.rawValue, reply: reply, time: SystemClock.now.wall)
    guard try !store.finish([ending]).isEmpty else { return false }
    let request = contents.withLock { contents in
      contents.held.remove(job.id)
      contents.atWork[job.id]?.isCancelled = true
      contents.allowance.remove(bytes: job.bodyBytes, of: job.owner)
      return contents.atWork[job.id]?.request
    }
    tell([ending])
    // Before the broker knows it, `began` takes it back.
    if let request { _ = broker.cancel(request) }
    return true
  }

  // MARK: From work

  /// The broker knows a job by this name.
  func began(_ id: String, as request: RequestID) {
    let isCancelled = contents.withLock { contents in
      contents.atWork[id]?.request = request
      return contents.atWork[id]?.isCancelled ?? true
    }
    if isCancelled { _ = broker.cancel(request) }
  }

  /// A job's call has begun.
  func running(_ id: String) { contents.withLock { $0.atWork[id]?.isRunning = true } }

  /// A job at work came out so.
  func came(_ outcome: Outcome, of id: String) {
    waiters.stopStream(of: id)
    switch outcome {
    case .ended(let state, let reply):
      let ending = SQLiteJobStore.Ending(
        id: id, state: state.rawValue, reply: reply, time: SystemClock.now.wall)
      schedule { $0.endings.append(ending) }
    case .postponed(let seconds):
      contents.withLock { contents in
        guard contents.leave(id)?.isCancelled == false else { return }
        contents.held.insert(id)
      }
      disk.asyncAfter(deadline: .now() + min(max(0.1, seconds), 3600)) { [self] in resume(id) }
      disk.async { [self] in write() }
    case .left: break
    }
  }

  // MARK: Stopping

  /// Puts no more to work; whoever waits is told to wait again.
  func stop() {
    contents.withLock { $0.isStopping = true }
    waiters.stop()
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

  /// One turn: everything that waits for the disk, so that what still fails is found in each.
  func write() {
    let (submissions, endings) = contents.withLock { contents in
      contents.isScheduled = false
      contents.turn = Turn()
      defer {
        contents.submissions = []
        contents.endings = []
      }
      return (contents.submissions, contents.endings)
    }
    if !submissions.isEmpty { accept(submissions) }
    if !endings.isEmpty { end(endings) }
    feed()
    let turn = contents.withLock(\.turn)
    if turn.hasWorked, !turn.hasFailed { health.note(nil) }
  }

  private func accept(_ submissions: [Submission]) {
    do throws(StoreFault) {
      try takeStock()
    } catch {
      return refuse(submissions, error)
    }
    let refusals = submissions.map { reserve($0.row) }
    keep(zip(submissions, refusals).filter { $0.1 == nil }.map(\.0))
    for (submission, refusal) in zip(submissions, refusals) {
      if let refusal { refuse(submission, refusal) }
    }
  }

  /// Counts a job as one that waits; or why its owner may have no more.
  private func reserve(_ row: JobRow) -> String? {
    contents.withLock { contents in
      if let refusal = contents.allowance.refusal(of: row.owner, bytes: row.bodyBytes) {
        return refusal
      }
      contents.allowance.add(1, bytes: row.bodyBytes, of: row.owner)
      return nil
    }
  }

  private func keep(_ submissions: [Submission]) {
    guard !submissions.isEmpty else { return }
    do throws(StoreFault) {
      let stored = try store.submit(submissions.map(\.row))
      worked()
      contents.withLock { contents in
        for (submission, row) in zip(submissions, stored) {
          if submission.row.id == row.id {
            contents.windows.submitted(Self.line(of: row))
          } else {
            contents.release(submission.row)
          }
        }
      }
      for (submission, row) in zip(submissions, stored) { accepted(submission, as: row) }
    } catch {
      contents.withLock { contents in for one in submissions { contents.release(one.row) } }
      refuse(submissions, error)
    }
  }

  private func accepted(_ submission: Submission, as row: JobRow) {
    submission.route.send(.told(.success(JobJSON.accepted(current(row)))), of: submission.request)
  }

  private func refuse(_ submissions: [Submission], _ fault: StoreFault) {
    failed(fault.description)
    let error = WireError(
      .storeUnavailable, "the job was not accepted, because it cannot be kept: \(fault)")
    for submission in submissions {
      submission.route.send(.told(.failure(error)), of: submission.request)
    }
  }

  /// Who has too many may still ask again for one that is there.
  private func refuse(_ submission: Submission, _ refusal: String) {
    do throws(StoreFault) {
      if let key = submission.row.idempotencyKey,
        let known = try store.job(of: submission.row.owner, key: key)
      {
        return accepted(submission, as: known)
      }
    } catch {
      return refuse([submission], error)
    }
    let error = WireError(.queueFull, "\(refusal); wait for some of them")
    submission.route.send(.told(.failure(error)), of: submission.request)
  }

  private func end(_ endings: [SQLiteJobStore.Ending]) {
    do throws(StoreFault) {
      let ended = try store.finish(endings)
      worked()
      contents.withLock { contents in
        for ending in endings {
          guard let work = contents.leave(ending.id) else { continue }
          if ended.contains(ending.id) {
            contents.allowance.remove(bytes: work.bytes, of: work.owner)
          }
        }
      }
      tell(endings.filter { ended.contains($0.id) })
      tidy(after: endings.reduce(0) { $0 + $1.reply.count })
    } catch {
      // What was paid for is kept until the disk takes it.
      contents.withLock { contents in
        contents.endings = endings + contents.endings
        contents.isScheduled = true
      }
      failed(error.description)
    }
  }

  private func tell(_ endings: [SQLiteJobStore.Ending]) {
    for ending in endings where waiters.isWaitedFor(ending.id) {
      do throws(StoreFault) {
        let row = try store.job(ending.id)
        waiters.tell(ending.id, row.map { .success(JobJSON.whole($0)) } ?? .failure(Self.gone))
      } catch {
        waiters.tell(ending.id, .failure(error.wireError))
      }
    }
  }

  static let gone = WireError(
    .internalError, "the job is gone: the state file was replaced while it was waited for")

  /// Removes what is kept no longer, now and then, when so many bytes of results have been added.
  private func tidy(after bytes: Int) {
    let now = SystemClock.now.wall
    let isDue = contents.withLock { contents in
      contents.untidied += bytes
      guard now - contents.tidied > Self.tidyingInterval || contents.untidied > Self.tidyingBytes
      else { return false }
      contents.tidied = now
      contents.untidied = 0
      return true
    }
    guard isDue else { return }
    do throws(StoreFault) {
      try store.removeFinished(
        before: now - keep.components.seconds * 1000, beyond: JobAllowance.mostResults)
    } catch {
      failed(error.description)
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
}

extension JobKeeper.Contents {
  /// A job that was counted does not wait.
  mutating func release(_ row: JobRow) { allowance.remove(bytes: row.bodyBytes, of: row.owner) }

  /// Takes a job out of work.
  mutating func leave(_ id: String) -> JobKeeper.Work? {
    guard let work = atWork.removeValue(forKey: id) else { return nil }
    windows.ended(work.line, bytes: work.bytes)
    return work
  }
}

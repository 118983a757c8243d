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

  fileprivate struct Contents {
    var submissions: [Submission] = []
    var endings: [SQLiteJobStore.Ending] = []
    var isScheduled = false
    var isStopping = false
    /// The last write failed.
    var isFailing = false
    var windows = JobKeeper.emptyWindows
    /// The file that all this is about.
    var generation = -1
    var atWork: [String: Work] = [:]
    /// Jobs that could not be put to the queue, and are tried again later: they take no place.
    var held: Set<String> = []
    var waiters: [String: [RequestID: Route]] = [:]
    /// Which job a request waits for; nil where it has not been found yet.
    var waited: [RequestID: String?] = [:]
    /// Queued jobs by owner.
    var queued: [String: Int] = [:]
    /// When old ones were last forgotten.
    var tidied: Int64 = 0
  }

  fileprivate struct Work {
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
  private static let emptyWindows = JobWindows(size: 64, byteLimit: 64 << 20)
  /// Jobs of one owner that may wait.
  private static let mostQueued = 100_000
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

  /// A request is going to wait for a job: it may be forgotten from now on.
  func willWait(_ request: RequestID) { contents.withLock { $0.waited[request] = .some(nil) } }

  /// Tells `route` once the job ends, which has not ended; called with the disk's thread. Whoever has
  /// been forgotten meanwhile is not told.
  func wait(for id: String, _ request: RequestID, by route: Route) {
    let isStopping = contents.withLock { contents in
      guard contents.waited[request] != nil, !contents.isStopping else {
        contents.waited[request] = nil
        return contents.isStopping
      }
      contents.waited[request] = id
      contents.waiters[id, default: [:]][request] = route
      return false
    }
    if isStopping { route.send(.told(.failure(.stopping)), of: request) }
  }

  /// Nobody waits under this name any more.
  func forget(_ request: RequestID) {
    contents.withLock { contents in
      guard let found = contents.waited.removeValue(forKey: request), let id = found else { return }
      contents.waiters[id]?[request] = nil
      if contents.waiters[id]?.isEmpty == true { contents.waiters[id] = nil }
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
      contents.count(-1, of: job.owner)
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
      disk.async { [self] in feed() }
    case .left: break
    }
  }

  // MARK: Stopping

  /// Puts no more to work; whoever waits is told to wait again.
  func stop() {
    let waiters = contents.withLock { contents in
      contents.isStopping = true
      defer {
        contents.waiters = [:]
        contents.waited = [:]
      }
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
    takeStock()
    let (accepted, refused) = contents.withLock { contents in
      submissions.partitioned { (submission: Submission) in
        contents.queued[submission.row.owner, default: 0] < Self.mostQueued
      }
    }
    for submission in refused {
      let error = WireError(
        .queueFull, "\(Self.mostQueued) jobs of yours wait already; wait for some of them")
      submission.route.send(.told(.failure(error)), of: submission.request)
    }
    guard !accepted.isEmpty else { return }
    do throws(StoreFault) {
      let stored = try store.submit(accepted.map(\.row))
      note(nil)
      contents.withLock { contents in
        for (submission, row) in zip(accepted, stored) where submission.row.id == row.id {
          contents.windows.submitted(Self.line(of: row))
          contents.count(1, of: row.owner)
        }
      }
      for (submission, row) in zip(accepted, stored) {
        submission.route.send(
          .told(.success(JobJSON.accepted(current(row)))), of: submission.request)
      }
    } catch {
      note(error.description)
      let refusal = WireError(
        .internalError, "the job was not accepted, because it cannot be kept: \(error)")
      for submission in accepted {
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
          guard let work = contents.leave(ending.id) else { continue }
          if ended.contains(ending.id) { contents.count(-1, of: work.owner) }
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
      let waiters = takeWaiters(for: ending.id)
      guard !waiters.isEmpty else { continue }
      let result: Result<[UInt8], WireError>
      do throws(StoreFault) {
        let row = try store.job(ending.id)
        result = row.map { .success(JobJSON.whole($0)) } ?? .failure(Self.gone)
      } catch {
        result = .failure(error.wireError)
      }
      for (request, route) in waiters { route.send(.told(result), of: request) }
    }
  }

  private func takeWaiters(for id: String) -> [RequestID: Route] {
    contents.withLock { contents in
      let waiters = contents.waiters.removeValue(forKey: id) ?? [:]
      for request in waiters.keys { contents.waited[request] = nil }
      return waiters
    }
  }

  private static let gone = WireError(
    .internalError, "the job is gone: the state file was replaced while it was waited for")

  /// Puts as many to work as the windows take.
  private func feed() {
    takeStock()
    let readings = contents.withLock { $0.isStopping ? [] : $0.windows.readings }
    do throws(StoreFault) {
      for reading in readings { try feed(reading) }
    } catch {
      note(error.description)
      disk.asyncAfter(deadline: .now() + Self.pauseAfterFault) { [self] in feed() }
    }
  }

  private func feed(_ reading: JobWindows.Reading) throws(StoreFault) {
    let jobs = try store.queued(
      priority: reading.line.priority.rawValue, owner: reading.line.owner, after: reading.after,
      count: reading.count)
    for job in jobs {
      let isMeant = contents.withLock { contents in
        guard contents.windows.hasRoom else { return false }
        contents.windows.read(reading.line, upTo: job.number)
        return true
      }
      guard isMeant else { return }
      try putToWork(job)
    }
    if jobs.count < reading.count {
      contents.withLock { $0.windows.exhausted(reading.line) }
    }
  }

  /// Puts a job to work that is neither there already nor held back.
  private func putToWork(_ job: JobRow) throws(StoreFault) {
    let line = Self.line(of: job)
    let isNew = contents.withLock { contents in
      guard contents.atWork[job.id] == nil, !contents.held.contains(job.id) else { return false }
      contents.windows.began(line, bytes: job.bodyBytes)
      contents.atWork[job.id] = Work(line: line, owner: job.owner, bytes: job.bodyBytes)
      return true
    }
    guard isNew else { return }
    if let whole = try store.job(job.id), !whole.isFinished {
      start(whole)
    } else {
      contents.withLock { _ = $0.leave(job.id) }
    }
  }

  /// Tries a job again that was held back.
  private func resume(_ id: String) {
    let isMeant = contents.withLock { contents in
      !contents.isStopping && contents.held.remove(id) != nil
    }
    guard isMeant else { return }
    do throws(StoreFault) {
      if let job = try store.job(id), !job.isFinished { try putToWork(job) }
    } catch {
      note(error.description)
      contents.withLock { _ = $0.held.insert(id) }
      disk.asyncAfter(deadline: .now() + Self.pauseAfterFault) { [self] in resume(id) }
    }
  }

  /// Looks whose jobs wait, at first and whenever another file is in use.
  private func takeStock() {
    do throws(StoreFault) {
      let isKnown = contents.withLock { $0.generation == store.generation }
      if isKnown, store.generation > 0 { return }
      let waiting = try store.waiting()
      let generation = store.generation
      let lost = contents.withLock { contents in
        contents.generation = generation
        contents.windows = Self.emptyWindows
        contents.queued = [:]
        contents.held = []
        contents.atWork = [:]
        for one in waiting {
          contents.windows.submitted(
            JobWindows.Line(
              priority: PriorityClass(rawValue: one.priority) ?? .idle, owner: one.owner))
          contents.count(one.count, of: one.owner)
        }
        return Array(contents.waiters.keys)
      }
      for id in lost where try store.job(id) == nil {
        for (request, route) in takeWaiters(for: id) {
          route.send(.told(.failure(Self.gone)), of: request)
        }
      }
    } catch {
      note(error.description)
    }
  }

  private static func line(of job: JobRow) -> JobWindows.Line {
    JobWindows.Line(priority: PriorityClass(rawValue: job.priority) ?? .idle, owner: job.owner)
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

extension JobKeeper.Contents {
  /// Takes a job out of work.
  fileprivate mutating func leave(_ id: String) -> JobKeeper.Work? {
    guard let work = atWork.removeValue(forKey: id) else { return nil }
    windows.ended(work.line, bytes: work.bytes)
    return work
  }

  /// So many more jobs of an owner wait.
  fileprivate mutating func count(_ more: Int, of owner: String) {
    let count = queued[owner, default: 0] + more
    queued[owner] = count > 0 ? count : nil
  }
}

extension Array {
  /// Those for which `isFirst` holds, and the others, each in their order.
  fileprivate func partitioned(by isFirst: (Element) -> Bool) -> (
    first: [Element], others: [Element]
  ) {
    (filter(isFirst), filter { !isFirst($0) })
  }
}

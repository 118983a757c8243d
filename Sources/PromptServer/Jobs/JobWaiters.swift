import PromptCore
import PromptProtocol
import Synchronization

/// Who waits for which job.
final class JobWaiters: Sendable {
  private struct Contents {
    /// Requests whose jobs are being looked for.
    var expected: Set<RequestID> = []
    var routes: [String: [RequestID: Route]] = [:]
    /// Which job a request waits for.
    var jobs: [RequestID: String] = [:]
    /// What has come of jobs that stream; the flights hold the same pieces.
    var chunks: [String: [AnswerChunk]] = [:]
    var isStopped = false
  }

  private let contents = Mutex(Contents())

  /// A request is going to wait for a job: it may be forgotten from now on.
  func expect(_ request: RequestID) { contents.withLock { _ = $0.expected.insert(request) } }

  /// Tells `route` what has come of the job, what comes, and that it has ended. Whoever has been
  /// forgotten meanwhile is not told.
  func add(_ request: RequestID, at route: Route, for job: String) {
    let isStopped = contents.withLock { contents in
      guard contents.expected.remove(request) != nil else { return false }
      if contents.isStopped { return true }
      contents.jobs[request] = job
      contents.routes[job, default: [:]][request] = route
      // Sent with the lock held, so that no later piece overtakes it: a mailbox waits for nobody.
      if let chunks = contents.chunks[job] { route.send(.chunks(chunks), of: request) }
      return false
    }
    if isStopped { route.send(.told(.failure(.stopping)), of: request) }
  }

  /// Pieces of a job's stream came.
  func came(_ chunks: [AnswerChunk], of job: String) {
    contents.withLock { contents in
      contents.chunks[job, default: []] += chunks
      for (request, route) in contents.routes[job] ?? [:] {
        route.send(.chunks(chunks), of: request)
      }
    }
  }

  /// The job is at work no more.
  func stopStream(of job: String) { contents.withLock { $0.chunks[job] = nil } }

  /// Nobody waits under this name any more.
  func forget(_ request: RequestID) {
    contents.withLock { contents in
      contents.expected.remove(request)
      guard let job = contents.jobs.removeValue(forKey: request) else { return }
      contents.routes[job]?[request] = nil
      if contents.routes[job]?.isEmpty == true { contents.routes[job] = nil }
    }
  }

  /// The jobs that are waited for.
  var jobs: [String] { contents.withLock { Array($0.routes.keys) } }

  /// Whether anybody waits for a job.
  func isWaitedFor(_ job: String) -> Bool { contents.withLock { $0.routes[job] != nil } }

  /// Tells all who wait for a job, and has them wait no more.
  func tell(_ job: String, _ result: Result<[UInt8], WireError>) {
    let routes = contents.withLock { contents in
      let routes = contents.routes.removeValue(forKey: job) ?? [:]
      for request in routes.keys { contents.jobs[request] = nil }
      return routes
    }
    for (request, route) in routes { route.send(.told(result), of: request) }
  }

  /// Tells all who wait, now and later, to wait again.
  func stop() {
    contents.withLock { $0.isStopped = true }
    for job in jobs { tell(job, .failure(.stopping)) }
  }
}

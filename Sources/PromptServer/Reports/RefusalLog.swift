import Logging
import PromptCore
import PromptProtocol
import Synchronization
import Systemd

/// Logs what promptd itself refuses: of each kind and each client at most one entry a second, with how
/// many there were since the one before. Failures of calls have entries of their own.
final class RefusalLog: Sendable {
  /// Whom something is refused to.
  private struct Source: Hashable {
    var name: ErrorName
    var client: String?
    var uid: UInt32?
  }

  private struct Count {
    var refusals = 0
    var loggedAt: MonotonicTime?

    /// Nothing was logged of it for a while.
    func isOver(_ now: MonotonicTime) -> Bool {
      loggedAt.map { now.milliseconds(since: $0) >= RefusalLog.pause } ?? true
    }
  }

  private let logger: Logger
  private let counts = Mutex<[Source: Count]>([:])
  /// When it was last told that connections cannot be accepted.
  private let toldOfWaiting = Mutex<MonotonicTime?>(nil)

  /// The shortest time between two entries, in milliseconds.
  private static let pause = 1000
  /// More sources than this are counted as one.
  private static let mostSources = 1000
  /// The shortest time between two entries about connections that cannot be accepted, in milliseconds.
  private static let longPause = 60_000

  init(_ logger: Logger) { self.logger = logger }

  /// Takes note of a refusal. Only its kind is logged: its words may quote what a client sent.
  func note(_ name: ErrorName, client: String?, uid: UInt32?, now: Moment) {
    guard name.isRefusal else { return }
    var source = Source(name: name, client: client, uid: uid)
    let refusals = counts.withLock { counts -> Int? in
      if counts.count >= Self.mostSources, counts[source] == nil {
        counts = counts.filter { !$0.value.isOver(now.monotonic) }
        if counts.count >= Self.mostSources { source = Source(name: name) }
      }
      var count = counts[source] ?? Count()
      defer { counts[source] = count }
      count.refusals += 1
      guard count.isOver(now.monotonic) else { return nil }
      defer { count = Count(refusals: 0, loggedAt: now.monotonic) }
      return count.refusals
    }
    guard let refusals else { return }
    var fields: [LogField: String] = [.error: name.rawValue]
    fields[.client] = source.client
    fields[.uid] = source.uid.map { String($0) }
    logger.log(.warning, refusals == 1 ? "refused" : "refused \(refusals) times", fields)
  }

  /// Takes note that connections wait which cannot be accepted.
  func note(acceptFailure reason: String, now: MonotonicTime) {
    let isNews = toldOfWaiting.withLock { last in
      if let last, now.milliseconds(since: last) < Self.longPause { return false }
      last = now
      return true
    }
    guard isNews else { return }
    logger.log(.warning, "connections cannot be accepted, and wait", [.detail: reason])
  }
}

extension ErrorName {
  /// Whether promptd says it of its own accord, and not because of a call or its client.
  fileprivate var isRefusal: Bool {
    switch self {
    case .parseError, .invalidRequest, .unknownMethod, .invalidParams, .queueFull, .tooLarge,
      .tooManyConnections, .noUpstream, .forbidden, .budgetExceeded, .unauthorized,
      .storeUnavailable,
      .shuttingDown:
      true
    case .internalError, .deadlineExceeded, .cancelled, .upstreamError, .upstreamUnreachable,
      .streamInterrupted, .notCached:
      false
    }
  }
}

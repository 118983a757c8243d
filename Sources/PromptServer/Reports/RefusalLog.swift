import Logging
import PromptCore
import PromptProtocol
import Synchronization
import Systemd

/// Logs what promptd itself refuses: of each kind at most one entry a second, with how many there
/// were since the one before. Failures of calls have entries of their own.
final class RefusalLog: Sendable {
  private struct Kind {
    var count = 0
    var loggedAt: MonotonicTime?
  }

  private let logger: Logger
  private let kinds = Mutex<[ErrorName: Kind]>([:])

  /// The shortest time between two entries of a kind, in milliseconds.
  private static let pause = 1000

  init(_ logger: Logger) { self.logger = logger }

  /// Takes note of a refusal. Only its kind is logged: its words may quote what a client sent.
  func note(_ name: ErrorName, client: String?, uid: UInt32?, now: Moment) {
    guard name.isRefusal else { return }
    let count = kinds.withLock { kinds -> Int? in
      var kind = kinds[name] ?? Kind()
      defer { kinds[name] = kind }
      kind.count += 1
      if let last = kind.loggedAt, now.monotonic.milliseconds(since: last) < Self.pause {
        return nil
      }
      defer { kind = Kind(count: 0, loggedAt: now.monotonic) }
      return kind.count
    }
    guard let count else { return }
    var fields: [LogField: String] = [.error: name.rawValue]
    fields[.client] = client
    fields[.uid] = uid.map { String($0) }
    logger.log(.warning, count == 1 ? "refused" : "refused \(count) times", fields)
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

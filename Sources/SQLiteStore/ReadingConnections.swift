import DequeModule
import Dispatch
import Glibc
import SQLite
import Synchronization

/// Connections that read answers, each with a thread while there is something to do, and those who wait
/// for one of them.
final class ReadingConnections: Sendable {
  private typealias Read = @Sendable (SharedConnection) -> Void

  private struct State {
    /// In the order of their coming.
    var waiting = Deque<Read>()
    /// Connections that nobody reads on, the last used last: its pages are at hand.
    var asleep: [Int]
    /// Whether a thread that found nothing waiting looks for what comes next.
    var isLookedFor = false
    /// When there was last nothing to do for a thread.
    var idleSince = SuspendingClock.now
    /// Whether what came last came soon.
    var isQuick = false
  }

  private let connections: [SharedConnection]
  private let queues: [DispatchQueue]
  private let state: Mutex<State>

  init(_ count: Int, path: String, label: String) throws {
    connections = try (0..<count).map { _ in
      let connection = try SharedConnection(path: path, for: .reading)
      // SQLite opens the log with the first read: here, where a descriptor that is missing is a store
      // that does not open, and not a hit that is none.
      _ = try connection.use { try $0.integer(AnswerSQL.dataVersion) }
      return connection
    }
    queues = (0..<count).map { _ in DispatchQueue(label: label) }
    state = Mutex(State(asleep: Array(0..<count)))
  }

  /// Runs `body` when its turn comes, and `completion` after it, exactly once.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Connection) throws -> Value,
    completion: @escaping @Sendable (Result<Value, any Error>) -> Void
  ) {
    let woken = state.withLock { state in
      state.isQuick = state.idleSince.duration(to: .now) < Self.moment
      state.waiting.append { connection in completion(Result { try connection.use(body) }) }
      return state.isLookedFor && state.waiting.count == 1 ? nil : state.asleep.popLast()
    }
    if let woken { queues[woken].async { self.serve(woken) } }
  }

  func close() { for connection in connections { connection.close() } }

  /// Reads for all that wait, and for what comes soon after.
  private func serve(_ number: Int) {
    repeat {
      while let read = state.withLock({ $0.waiting.popFirst() }) { read(connections[number]) }
    } while lookAwake(number)
  }

  /// Looks for a moment without going to sleep, if what came last came as soon: to be woken costs tens of
  /// microseconds, a third of what a hit from disk takes. Whoever else has something to do goes first.
  private func lookAwake(_ number: Int) -> Bool {
    let start = SuspendingClock.now
    let isWorthwhile = state.withLock { state in
      state.idleSince = start
      let isWorthwhile = state.isQuick && !state.isLookedFor
      if isWorthwhile { state.isLookedFor = true }
      return isWorthwhile
    }
    if isWorthwhile {
      while start.duration(to: .now) < Self.moment, state.withLock({ $0.waiting.isEmpty }) {
        sched_yield()
      }
    }
    return state.withLock { state in
      if isWorthwhile { state.isLookedFor = false }
      guard state.waiting.isEmpty else { return true }
      state.asleep.append(number)
      return false
    }
  }

  private static let moment = Duration.microseconds(150)
}

import DequeModule
import Dispatch
import Glibc
import SQLite
import Synchronization
import Wakefulness

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
    var wakefulness = Wakefulness()
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
      state.wakefulness.newsCame(at: .now)
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

  /// Looks for what comes next as long as that is worth while; false when the thread is to end. One thread
  /// at a time does so, and whoever else has something to do goes first.
  private func lookAwake(_ number: Int) -> Bool {
    let looks = state.withLock { state in
      state.wakefulness.begin(at: .now)
      guard !state.isLookedFor else { return false }
      state.isLookedFor = true
      return true
    }
    while looks, state.withLock({ $0.waiting.isEmpty && $0.wakefulness.isAwake(at: .now) }) {
      sched_yield()
    }
    return state.withLock { state in
      if looks { state.isLookedFor = false }
      guard state.waiting.isEmpty else { return true }
      state.asleep.append(number)
      return false
    }
  }
}

import Synchronization

/// A value that tests wait for to become as they want it.
package final class Watched<Value: Sendable>: Sendable {
  private struct State {
    var value: Value
    var watchers: [UInt64: AsyncStream<Value>.Continuation] = [:]
    var lastWatcher: UInt64 = 0
  }

  private let state: Mutex<State>

  package init(_ value: Value) { state = Mutex(State(value: value)) }

  /// The value as it is now.
  package var value: Value { state.withLock { $0.value } }

  /// Changes the value and tells those who wait.
  @discardableResult
  package func change<Result>(_ change: (inout Value) -> sending Result) -> sending Result {
    state.withLock { state in
      let result = change(&state.value)
      for watcher in state.watchers.values { watcher.yield(state.value) }
      return result
    }
  }

  /// Returns the first value that is as wanted; the present one, wanted or not, after a minute or
  /// when the waiting task is cancelled. Values that change again at once may be passed over.
  @discardableResult
  package func waitUntil(_ isWanted: @escaping @Sendable (Value) -> Bool) async -> Value {
    let (values, continuation) = AsyncStream<Value>.makeStream(
      bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      state.lastWatcher += 1
      state.watchers[state.lastWatcher] = continuation
      continuation.yield(state.value)
      return state.lastWatcher
    }
    defer { state.withLock { _ = $0.watchers.removeValue(forKey: id) } }
    return await withTaskGroup(of: Value?.self) { group in
      group.addTask {
        for await value in values where isWanted(value) { return value }
        return nil
      }
      group.addTask {
        do { try await Task.sleep(for: .seconds(60)) } catch { return nil }
        return nil
      }
      let value = await group.next() ?? nil
      group.cancelAll()
      return value ?? self.value
    }
  }
}

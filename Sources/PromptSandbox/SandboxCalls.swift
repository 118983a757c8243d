import Synchronization

/// Keeps the record of a sandbox's calls and wakes those who wait for it to say something.
package final class SandboxCalls: Sendable {
  /// A predicate over the record, and who waits for it.
  private struct Waiter {
    var isSatisfied: @Sendable (CallRecord) -> Bool
    var continuation: CheckedContinuation<CallRecord, Never>
  }

  private struct State {
    var record = CallRecord()
    var isStopping = false
    var waiters: [UInt64: Waiter] = [:]
    var lastWaiter: UInt64 = 0
    /// How many calls of a question got a fault that is bounded by `times`.
    var faults: [UInt64: Int] = [:]
  }

  private let state = Mutex(State())

  init() {}

  /// The record as it is now.
  package var record: CallRecord { state.withLock { $0.record } }

  /// Returns the first record that satisfies the predicate; the present one, satisfying or not,
  /// when the waiting task is cancelled.
  @discardableResult
  package func waitUntil(
    _ isSatisfied: @escaping @Sendable (CallRecord) -> Bool
  ) async -> CallRecord {
    let id = state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let record = state.withLock { state -> CallRecord? in
          // A cancellation after this look waits for the lock and then finds the waiter.
          if Task.isCancelled || isSatisfied(state.record) { return state.record }
          state.waiters[id] = Waiter(isSatisfied: isSatisfied, continuation: continuation)
          return nil
        }
        if let record { continuation.resume(returning: record) }
      }
    } onCancel: {
      let (waiter, record) = state.withLock { ($0.waiters.removeValue(forKey: id), $0.record) }
      waiter?.continuation.resume(returning: record)
    }
  }

  /// Notes a call that came whole.
  func started(_ call: SeenCall) { change { $0.record.started(call) } }

  /// Notes that a call got its answer, or the end that its model's name asked for.
  func answered() { change { $0.record.ended(byCaller: false) } }

  /// Notes that a call's connection is gone before its end: by the caller, if the sandbox is not
  /// stopping.
  func disconnected() { change { $0.record.ended(byCaller: !$0.isStopping) } }

  /// Connections that end from now on are ended by the sandbox.
  func stopping() { state.withLock { $0.isStopping = true } }

  /// Counts one more call of a question whose faults are bounded, and returns the count.
  func countFault(of question: UInt64) -> Int {
    state.withLock { state in
      state.faults[question, default: 0] += 1
      return state.faults[question, default: 0]
    }
  }

  private func change(_ body: (inout State) -> Void) {
    let (satisfied, record) = state.withLock { state -> ([Waiter], CallRecord) in
      body(&state)
      let record = state.record
      let ids = state.waiters.filter { $0.value.isSatisfied(record) }.keys
      return (ids.compactMap { state.waiters.removeValue(forKey: $0) }, record)
    }
    for waiter in satisfied { waiter.continuation.resume(returning: record) }
  }
}

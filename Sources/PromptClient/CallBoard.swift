import Synchronization

/// The calls of one connection that wait for their answers.
///
/// It goes from open to failed, once, and then refuses new calls with what it failed of.
/// Continuations are always resumed outside of the lock, for ending one runs its `onTermination`,
/// which takes the lock again. Lines come from one event loop, so their order is kept.
final class CallBoard: Sendable {
  typealias Events = AsyncThrowingStream<CallEvent, any Error>

  private struct State {
    var lastID = 0
    var waiting: [Int: Events.Continuation] = [:]
    var failure: ClientError?
  }

  private let state = Mutex(State())

  /// Opens a call; `abandoned` runs if its reader goes away before the answer has come.
  func open(
    abandoned: @escaping @Sendable (Int) -> Void
  ) throws(ClientError) -> (id: Int, events: Events) {
    let (events, continuation) = Events.makeStream()
    let opened = state.withLock { state -> Result<Int, ClientError> in
      if let failure = state.failure { return .failure(failure) }
      state.lastID += 1
      state.waiting[state.lastID] = continuation
      return .success(state.lastID)
    }
    let id = try opened.get()
    continuation.onTermination = { [weak self] reason in
      if case .cancelled = reason, self?.close(id) != nil { abandoned(id) }
    }
    return (id, events)
  }

  /// Hands a line to the call that it is for; a call that nobody reads any more is passed over.
  func deliver(_ line: ServerLine) {
    switch line {
    case .result(let id, let bytes):
      let call = close(id)
      call?.yield(.result(bytes))
      call?.finish()
    case .failure(let id?, let error): close(id)?.finish(throwing: ClientError.refused(error))
    case .failure(nil, let error): failAll(.refused(error))
    case .notification(let id, let event):
      state.withLock { $0.waiting[id] }?.yield(event)
    case .other: break
    }
  }

  /// Ends one call with an error, if it still waits.
  func fail(_ id: Int, _ error: ClientError) { close(id)?.finish(throwing: error) }

  /// Ends every call with the first error that is told.
  func failAll(_ error: ClientError) {
    let (failure, calls) = state.withLock { state in
      let failure = state.failure ?? error
      state.failure = failure
      defer { state.waiting = [:] }
      return (failure, Array(state.waiting.values))
    }
    for call in calls { call.finish(throwing: failure) }
  }

  private func close(_ id: Int) -> Events.Continuation? {
    state.withLock { $0.waiting.removeValue(forKey: id) }
  }
}

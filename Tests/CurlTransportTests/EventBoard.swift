import CurlTransport
import Synchronization

/// Sorts the events of a transport by call.
final class EventBoard: Sendable {
  private struct Call {
    var waiting: AsyncStream<CallEvent>.Continuation?
    var count = 0
  }

  private let calls = Mutex<[CallID: Call]>([:])

  /// The events of a call that is about to start; ends after `.ended`.
  func expect(_ id: CallID) -> AsyncStream<CallEvent> {
    let (stream, continuation) = AsyncStream<CallEvent>.makeStream()
    calls.withLock { $0[id] = Call(waiting: continuation) }
    return stream
  }

  /// Takes what the transport tells.
  func happened(_ id: CallID, _ event: CallEvent) {
    calls.withLock { calls in
      calls[id, default: Call()].count += 1
      calls[id]?.waiting?.yield(event)
      if case .ended = event { calls[id]?.waiting?.finish() }
    }
  }

  /// How many events a call has had, those after its end too.
  func count(of id: CallID) -> Int { calls.withLock { $0[id]?.count ?? 0 } }
}

import CurlTransport
import Synchronization

/// A transport of one test, stopped with the last reference.
final class Calls: Sendable {
  let transport: CurlTransport
  private let board = EventBoard()
  private let lastID = Atomic<UInt64>(0)

  /// `first` sees each event before the test does, on the thread of the transport.
  init(first: @escaping @Sendable (CallEvent) -> Void = { _ in }) throws {
    transport = try CurlTransport { [board] id, event in
      first(event)
      board.happened(id, event)
    }
  }

  deinit { transport.stop() }

  /// Starts a call under an id of its own.
  func start(_ request: CallRequest) -> RunningCall {
    var request = request
    request.id = CallID(rawValue: lastID.add(1, ordering: .relaxed).newValue)
    let events = board.expect(request.id)
    transport.start(request)
    return RunningCall(id: request.id, events: events)
  }

  /// How many events a call has had.
  func eventCount(of call: RunningCall) -> Int { board.count(of: call.id) }
}

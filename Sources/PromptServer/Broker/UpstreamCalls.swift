import CurlTransport
import PromptCore
import PromptProtocol
import Synchronization

/// The calls under way, on the curl thread: those of flights, and those for lists of models.
final class UpstreamCalls: Sendable {
  /// By lane.
  private let upstreams: Mutex<[Int: Upstream]>
  private let transport: CurlTransport
  private let readers = CallReaders()

  /// Throws when there is no curl thread.
  init(_ upstreams: [Upstream]) throws(CallFailure) {
    self.upstreams = Mutex(Dictionary(uniqueKeysWithValues: zip(upstreams.indices, upstreams)))
    let readers = readers
    transport = try CurlTransport(turned: { readers.turned() }) { call, event in
      readers.happened(call, event)
    }
  }

  /// Tells the news of flights to one and the lists of models, by lane, to another from now on, and
  /// when all that came at once has been told.
  func listen(
    flights: @escaping CallReaders.FlightListener, models: @escaping CallReaders.ModelListener,
    turned: @escaping @Sendable () -> Void
  ) { readers.listen(flights: flights, models: models, turned: turned) }

  /// Calls upstreams so from now on, by lane; calls under way go on as they began.
  func reconfigure(_ upstreams: [Int: Upstream]) {
    self.upstreams.withLock { $0.merge(upstreams) { _, new in new } }
    transport.renew()
  }

  private func upstream(in lane: Int) -> Upstream? { upstreams.withLock { $0[lane] } }

  /// Begins the call of a flight.
  func start(
    _ flight: FlightID, lane: Int, body: [UInt8], _ expectation: AnswerReader.Expectation
  ) {
    guard let upstream = upstream(in: lane) else { return }
    var expectation = expectation
    expectation.key = upstream.key
    let call = upstream.call(flight, body: body, streams: expectation.streams)
    readers.begin(call.id, expectation)
    transport.start(call)
  }

  /// Asks an upstream for its models.
  func askForModels(lane: Int) {
    guard let upstream = upstream(in: lane) else { return }
    let call = upstream.callForModels(lane: lane)
    readers.begin(call.id, lane: lane, key: upstream.key)
    transport.start(call)
  }

  /// Gives the call of a flight up.
  func abort(_ flight: FlightID) {
    let call = CallID(rawValue: flight.rawValue)
    readers.forget(call)
    transport.cancel(call)
  }

  /// How often the curl thread has turned.
  var turns: UInt64 { transport.turns }

  /// Makes the curl thread turn once.
  func poke() { transport.poke() }

  /// Why the curl thread had to end, or nil.
  var fault: String? { transport.fault }

  /// Ends the curl thread; nothing is called any more.
  func stop() { transport.stop() }
}

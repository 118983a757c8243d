import CurlTransport
import PromptCore
import PromptProtocol

/// The calls under way, on the curl thread: those of flights, and those for lists of models.
final class UpstreamCalls: Sendable {
  private let upstreams: [Upstream]
  private let transport: CurlTransport
  private let readers = CallReaders()

  /// Throws when there is no curl thread.
  init(_ upstreams: [Upstream]) throws(CallFailure) {
    self.upstreams = upstreams
    let readers = readers
    transport = try CurlTransport { call, event in readers.happened(call, event) }
  }

  /// Tells the news of flights to one and the lists of models, by lane, to the other from now on.
  func listen(
    flights: @escaping CallReaders.FlightListener, models: @escaping CallReaders.ModelListener
  ) { readers.listen(flights: flights, models: models) }

  /// Begins the call of a flight.
  func start(
    _ flight: FlightID, lane: Int, body: [UInt8], _ expectation: AnswerReader.Expectation
  ) {
    var expectation = expectation
    expectation.key = upstreams[lane].key
    let call = upstreams[lane].call(flight, body: body, streams: expectation.streams)
    readers.begin(call.id, expectation)
    transport.start(call)
  }

  /// Asks an upstream for its models.
  func askForModels(lane: Int) {
    let call = upstreams[lane].callForModels(lane: lane)
    readers.begin(call.id, lane: lane, key: upstreams[lane].key)
    transport.start(call)
  }

  /// Gives the call of a flight up.
  func abort(_ flight: FlightID) {
    let call = CallID(rawValue: flight.rawValue)
    readers.forget(call)
    transport.cancel(call)
  }

  /// Why the curl thread had to end, or nil.
  var fault: String? { transport.fault }

  /// Ends the curl thread; nothing is called any more.
  func stop() { transport.stop() }
}

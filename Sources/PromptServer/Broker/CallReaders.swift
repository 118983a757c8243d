import CurlTransport
import JSON
import PromptCore
import PromptProtocol
import Synchronization

/// Makes answers of what the calls under way bring, on the curl thread, and tells its listener.
///
/// The table of calls is locked to find one in it and no longer, for the broker takes its lock
/// too; what a call brought is parsed under a lock of its own, which nobody else waits for.
final class CallReaders: Sendable {
  /// Who hears the news of flights.
  typealias FlightListener = @Sendable (FlightID, News) -> Void
  /// Who hears of the models in a lane.
  typealias ModelListener = @Sendable (Int, Result<[ListedModel], WireError>) -> Void

  /// What an event of a call means to the broker.
  enum News: Sendable {
    case firstByte
    case chunks([AnswerChunk])
    /// With what the end has made certain.
    case ended([AnswerChunk], AnswerOutcome)
  }

  /// What is made of one call.
  private enum Reading {
    /// While it is being read.
    case none
    case answer(AnswerReader)
    case models(ModelListReader, lane: Int)
  }

  private final class Reader: Sendable {
    let contents: Mutex<Reading>

    init(_ reading: sending Reading) { contents = Mutex(reading) }
  }

  /// In a struct, for the reason that `ChangeRelay` gives.
  private struct Listeners {
    var flights: FlightListener?
    var models: ModelListener?
    var turned: (@Sendable () -> Void)?
  }

  private let parser = Mutex(JSONParser())
  private let readers = Mutex<[CallID: Reader]>([:])
  private let listeners = Mutex(Listeners())

  /// Tells these from now on; `turned` when all that came at once has been told.
  func listen(
    flights: @escaping FlightListener, models: @escaping ModelListener,
    turned: @escaping @Sendable () -> Void = {}
  ) {
    listeners.withLock { $0 = Listeners(flights: flights, models: models, turned: turned) }
  }

  /// The transport has told all that came at once.
  func turned() { listeners.withLock(\.turned)?() }

  /// Expects the events of a flight's call.
  func begin(_ call: CallID, _ expectation: AnswerReader.Expectation) {
    readers.withLock { $0[call] = Reader(.answer(AnswerReader(expectation))) }
  }

  /// Expects the events of a call for the models in a lane.
  func begin(_ call: CallID, lane: Int, key: APIKey?) {
    readers.withLock { $0[call] = Reader(.models(ModelListReader(key: key), lane: lane)) }
  }

  /// Forgets a call that was given up.
  func forget(_ call: CallID) { readers.withLock { _ = $0.removeValue(forKey: call) } }

  /// Takes what the transport reports.
  func happened(_ call: CallID, _ event: CallEvent) {
    guard let reader = readers.withLock({ $0[call] }) else { return }
    if case .ended = event { forget(call) }
    let listeners = listeners.withLock { $0 }
    let tell = parser.withLock { parser in
      reader.contents.withLock { reading -> (() -> Void)? in
        switch reading {
        case .answer(var answer):
          reading = .none  // so that nothing is copied
          defer { reading = .answer(answer) }
          guard let news = Self.read(event, with: &answer, parser) else { return nil }
          return { listeners.flights?(FlightID(rawValue: call.rawValue), news) }
        case .models(var list, let lane):
          reading = .none
          defer { reading = .models(list, lane: lane) }
          guard let result = Self.read(event, with: &list, parser) else { return nil }
          return { listeners.models?(lane, result) }
        case .none: return nil
        }
      }
    }
    tell?()
  }

  /// Reads one event; nil when it brings nothing new.
  private static func read(
    _ event: CallEvent, with reader: inout AnswerReader, _ parser: JSONParser
  ) -> News? {
    switch event {
    case .responded(let head):
      reader.responded(
        status: head.status, contentType: head.contentType, retryAfter: head.secondsToRetry)
      return .firstByte
    case .received(let bytes):
      let chunks = reader.received(bytes, parser: parser)
      return chunks.isEmpty ? nil : .chunks(chunks)
    case .ended(let end):
      var failure: CallFault?
      if case .failed(let reason) = end { failure = reason.fault }
      let last = reader.finish(parser: parser)
      return .ended(last, reader.ended(failure: failure, parser: parser))
    }
  }

  /// Reads one event of a list; nil before its end.
  private static func read(
    _ event: CallEvent, with reader: inout ModelListReader, _ parser: JSONParser
  ) -> Result<[ListedModel], WireError>? {
    switch event {
    case .responded(let head):
      reader.responded(status: head.status, retryAfter: head.secondsToRetry)
      return nil
    case .received(let bytes):
      reader.received(bytes)
      return nil
    case .ended(.complete): return reader.ended(failure: nil, parser: parser)
    case .ended(.failed(let failure)):
      return reader.ended(failure: failure.wireError, parser: parser)
    }
  }
}

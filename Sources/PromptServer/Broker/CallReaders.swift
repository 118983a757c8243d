import CurlTransport
import JSON
import PromptCore
import Synchronization

/// Makes answers of what the calls under way bring, on the curl thread, and tells its listener.
///
/// The table of calls is locked to find one in it and no longer, for the broker takes its lock
/// too; what a call brought is parsed under a lock of its own, which nobody else waits for.
final class CallReaders: Sendable {
  /// Who hears the news.
  typealias Listener = @Sendable (FlightID, News) -> Void

  /// What an event of a call means to the broker.
  enum News: Sendable {
    case firstByte
    case chunks([AnswerChunk])
    case ended(AnswerOutcome)
  }

  private final class Reader: Sendable {
    let contents: Mutex<AnswerReader>

    init(_ expectation: AnswerReader.Expectation) { contents = Mutex(AnswerReader(expectation)) }
  }

  private let parser = Mutex(JSONParser())
  private let readers = Mutex<[CallID: Reader]>([:])
  private let listener = Mutex<Listener?>(nil)

  /// Tells `listener` from now on.
  func listen(_ listener: @escaping Listener) { self.listener.withLock { $0 = listener } }

  /// Takes what the transport reports.
  func happened(_ call: CallID, _ event: CallEvent) {
    guard let reader = readers.withLock({ $0[call] }) else { return }
    if case .ended = event { forget(call) }
    let news = parser.withLock { parser in
      reader.contents.withLock { Self.read(event, with: &$0, parser) }
    }
    guard let news else { return }
    listener.withLock { $0 }?(FlightID(rawValue: call.rawValue), news)
  }

  /// Expects the events of a call.
  func begin(_ call: CallID, _ expectation: AnswerReader.Expectation) {
    readers.withLock { $0[call] = Reader(expectation) }
  }

  /// Forgets a call that was given up.
  func forget(_ call: CallID) { readers.withLock { _ = $0.removeValue(forKey: call) } }

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
    case .ended(.complete): return .ended(reader.ended(failure: nil, parser: parser))
    case .ended(.failed(let failure)):
      return .ended(reader.ended(failure: failure.wireError, parser: parser))
    }
  }
}

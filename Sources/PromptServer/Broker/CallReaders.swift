import CurlTransport
import JSON
import PromptCore
import Synchronization

/// Makes answers of what the calls under way bring, on the curl thread, and tells its listener.
final class CallReaders: Sendable {
  /// Who hears the news.
  typealias Listener = @Sendable (FlightID, News) -> Void

  /// What an event of a call means to the broker.
  enum News: Sendable {
    case firstByte
    case chunks([AnswerChunk])
    case ended(AnswerOutcome)
  }

  private struct Contents: ~Copyable {
    let parser = JSONParser()
    var readers: [CallID: AnswerReader] = [:]
  }

  private let contents = Mutex(Contents())
  private let listener = Mutex<Listener?>(nil)

  /// Tells `listener` from now on.
  func listen(_ listener: @escaping Listener) { self.listener.withLock { $0 = listener } }

  /// Takes what the transport reports.
  func happened(_ call: CallID, _ event: CallEvent) {
    guard let news = read(event, of: call) else { return }
    listener.withLock { $0 }?(FlightID(rawValue: call.rawValue), news)
  }

  /// Expects the events of a call.
  func begin(_ call: CallID, _ expectation: AnswerReader.Expectation) {
    contents.withLock { $0.readers[call] = AnswerReader(expectation) }
  }

  /// Forgets a call that was given up.
  func forget(_ call: CallID) { contents.withLock { _ = $0.readers.removeValue(forKey: call) } }

  /// Reads one event; nil when it brings nothing new, or nobody wants it any more.
  private func read(_ event: CallEvent, of call: CallID) -> News? {
    contents.withLock { contents in
      let parser = contents.parser
      guard contents.readers[call] != nil else { return nil }
      switch event {
      case .responded(let head):
        contents.readers[call]?.responded(status: head.status, contentType: head.contentType)
        return .firstByte
      case .received(let bytes):
        let chunks = contents.readers[call]?.received(bytes, parser: parser) ?? []
        return chunks.isEmpty ? nil : .chunks(chunks)
      case .ended(let end):
        guard let reader = contents.readers.removeValue(forKey: call) else { return nil }
        switch end {
        case .complete: return .ended(reader.ended(failure: nil, parser: parser))
        case .failed(let failure):
          return .ended(reader.ended(failure: failure.wireError, parser: parser))
        }
      }
    }
  }
}

import CurlTransport
import TestSupport
import Testing

/// The events of one call, in the words that tests use.
struct RunningCall {
  /// All that a call brought.
  struct Answer {
    var head: ResponseHead?
    var body: [UInt8] = []
    var end: CallEnd?

    var text: String { String(decoding: body, as: UTF8.self) }
  }

  let id: CallID
  let events: AsyncStream<CallEvent>

  /// The next event, or nil after the end.
  func next() async -> CallEvent? {
    for await event in events { return event }
    return nil
  }

  /// The head, which must be the next event.
  func head() async throws -> ResponseHead {
    guard case .responded(let head) = await next() else { throw Unexpected() }
    return head
  }

  /// A piece of the body, which must be the next event.
  func piece() async throws -> String {
    guard case .received(let bytes) = await next() else { throw Unexpected() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Everything until the end, and nothing out of its order.
  func answer() async throws -> Answer {
    var answer = Answer()
    while let event = await next() {
      #expect(answer.end == nil)
      switch event {
      case .responded(let head):
        #expect(answer.head == nil && answer.body.isEmpty)
        answer.head = head
      case .received(let bytes):
        #expect(!bytes.isEmpty)
        answer.body += bytes
      case .ended(let end): answer.end = end
      }
    }
    return answer
  }

  /// The body of an answer that must be complete.
  func text() async throws -> String {
    let answer = try await answer()
    #expect(answer.end == .complete)
    return answer.text
  }

  /// The failure that the call must end with; its message says something, and not the key.
  func failure() async throws -> CallFailure {
    guard case .failed(let failure) = try await answer().end else { throw Unexpected() }
    #expect(!failure.message.isEmpty)
    #expect(!failure.message.contains(FakeUpstream.secret))
    return failure
  }

  /// An event other than the test asked for.
  struct Unexpected: Error {}
}

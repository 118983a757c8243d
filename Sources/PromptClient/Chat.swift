/// A chat that is under way: chunks if a stream was asked for, then the result.
///
/// Whoever stops reading before the result, by leaving or by cancellation, cancels the request.
package struct Chat: AsyncSequence, Sendable {
  package typealias Element = CallEvent
  package typealias Failure = any Error

  /// The id of the call, for `PromptClient.cancel`.
  package let id: Int
  private let events: AsyncThrowingStream<CallEvent, any Error>

  init(id: Int, events: AsyncThrowingStream<CallEvent, any Error>) {
    self.id = id
    self.events = events
  }

  package func makeAsyncIterator() -> AsyncThrowingStream<CallEvent, any Error>.Iterator {
    events.makeAsyncIterator()
  }
}

/// What a client hears of a call, each as JSON. The result is the last of them.
package enum CallEvent: Equatable, Sendable {
  /// A piece of a stream: a `chat.completion.chunk`.
  case chunk([UInt8])
  /// The parameters of a `chat.event`: queued, started, retrying.
  case event([UInt8])
  /// The whole answer.
  case result([UInt8])
}

package import PromptProtocol

/// What the broker's shell has to do, in this order.
package enum BrokerAction: Equatable, Sendable {
  /// Ask the disk tier and report with `diskAnswered`.
  case lookUp(FlightID, CacheKeys)
  /// Begin a call on this lane and report how it goes.
  case start(FlightID, lane: Int, body: [UInt8], AnswerReader.Expectation)
  /// End the call; nothing more is wanted of it.
  case abort(FlightID)
  /// An answer begins to come for somebody who reads a stream: what is known by now. Comes once,
  /// before the first chunks.
  case began(RequestID, ReplyInfo)
  case chunks(RequestID, [AnswerChunk])
  /// News for somebody who wanted to be told.
  case event(RequestID, ChatEvent)
  case reply(RequestID, ChatReply)
  /// Put the answer into memory, and on disk where that is wanted; before anybody is told.
  case keep(CachedAnswer, onDisk: Bool)
  /// Put an answer from the disk into memory, unless there is one: that would be a newer one.
  case promote(CachedAnswer)
  /// Call `ticked` at this time, or earlier.
  case wake(MonotonicTime)
  /// Write the journal entry of a call that ended.
  case note(CallRecord)
  /// Write the journal entry of a change in how the upstream of this name does.
  case upstream(String, UpstreamChange)
}

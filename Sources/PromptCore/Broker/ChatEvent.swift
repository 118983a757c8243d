package import PromptProtocol

/// News of a request on its way, for callers who ask for `events`.
package enum ChatEvent: Equatable, Sendable {
  /// It waits for a slot, at this place from 1, and by the calls so far for about so many
  /// milliseconds more; nil before there were any.
  case queued(position: Int, eta: Int?)
  /// It has a slot: the call begins.
  case started
  /// Its call failed so, and the next, which is the so-manieth, is made after so many milliseconds.
  case retrying(attempt: Int, after: Int, ErrorName)
}

package import PromptProtocol

/// What a request gets in the end.
package enum ChatReply: Equatable, Sendable {
  case answer(CachedAnswer, ReplyInfo)
  /// The error's `info` says what happened.
  case failure(WireError)
}

import PromptCore
import PromptProtocol
import Systemd

/// What the broker has for one request.
enum Delivery: Sendable {
  /// The answer begins to come: what is known by now.
  case began(ReplyInfo)
  case chunks([AnswerChunk])
  case event(ChatEvent)
  /// The end; nothing comes after it.
  case reply(ChatReply)
  /// Kept entries, each one as JSON; more are sent once these are on their way.
  case entries([[UInt8]])
  /// An entry of the log for whoever watches it; dropped where it does not read.
  case logged(LoggedEntry)
  /// What was asked for that is no chat, as JSON; nothing comes after it.
  case told(Result<[UInt8], WireError>)
}

import JSON
import PromptCore
import PromptProtocol

extension ChatEvent {
  /// Writes what a `chat.event` says, into an object that the caller has opened.
  func writeMembers(to writer: inout JSONWriter) {
    switch self {
    case .queued(let position, let eta):
      writer.member("event", "queued")
      writer.member("position", position)
      if let eta { writer.member("eta_ms", eta) }
    case .started: writer.member("event", "started")
    case .retrying(let attempt, let after, let error):
      writer.member("event", "retrying")
      writer.member("attempt", attempt)
      writer.member("after_ms", after)
      writer.member("error", error.rawValue)
    }
  }
}

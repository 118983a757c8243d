import PromptProtocol

/// One session of an event loop.
struct SessionID: Hashable, Sendable {
  var rawValue: UInt64
}

/// Where the replies to a request go.
struct Route: Sendable {
  var mailbox: LoopMailbox
  var session: SessionID
  /// Who may cancel it from another connection.
  var owner: Owner
}

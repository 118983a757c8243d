import NIOCore
import PromptCore
import PromptProtocol
import Synchronization

/// What the broker has for the sessions of one event loop, in order.
///
/// It is filled under the broker's lock, so that deliveries keep the order of the decisions, and
/// emptied by the loop without it.
final class LoopMailbox: Sendable {
  /// One thing for one session.
  enum Delivery: Sendable {
    case chunk(RequestID, AnswerChunk)
    case reply(RequestID, ChatReply)
  }

  let eventLoop: any EventLoop
  let tools: NIOLoopBoundBox<LoopTools>
  private let contents = Mutex<[(SessionID, Delivery)]>([])

  /// The mailbox of `eventLoop`, for the sessions that `tools` knows.
  init(eventLoop: any EventLoop, tools: sending LoopTools) {
    self.eventLoop = eventLoop
    self.tools = NIOLoopBoundBox.makeBoxSendingValue(tools, eventLoop: eventLoop)
  }

  /// Appends a delivery; true when the loop must be woken for it.
  func append(_ delivery: Delivery, for session: SessionID) -> Bool {
    contents.withLock {
      $0.append((session, delivery))
      return $0.count == 1
    }
  }

  /// Has the loop empty the mailbox in a turn of its own.
  func wake() { eventLoop.execute { self.drain() } }

  private func drain() {
    let deliveries = contents.withLock { contents in
      defer { contents = [] }
      return contents
    }
    let sessions = tools.value.sessions
    var touched: Set<SessionID> = []
    for (id, delivery) in deliveries {
      guard let session = sessions[id] else { continue }
      touched.insert(id)
      switch delivery {
      case .chunk(let request, let chunk): session.received(chunk, of: request)
      case .reply(let request, let reply): session.received(reply, to: request)
      }
    }
    for id in touched { sessions[id]?.finishTurn() }
  }
}

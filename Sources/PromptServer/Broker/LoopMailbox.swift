import NIOCore
import PromptCore
import PromptProtocol
import Synchronization

/// What the broker has for the sessions of one event loop, in order.
///
/// It is filled under the broker's lock, so that deliveries keep the order of the decisions, and
/// emptied by the loop without it.
final class LoopMailbox: Sendable {
  private struct Letter {
    var session: SessionID
    var request: RequestID
    var delivery: Delivery
  }

  let eventLoop: any EventLoop
  let tools: NIOLoopBoundBox<LoopTools>
  private let contents = Mutex<[Letter]>([])
  private let vigil: NIOLoopBoundBox<LoopVigil>

  /// The mailbox of `eventLoop`, for the sessions that `tools` knows.
  init(eventLoop: any EventLoop, tools: sending LoopTools) {
    self.eventLoop = eventLoop
    self.tools = NIOLoopBoundBox.makeBoxSendingValue(tools, eventLoop: eventLoop)
    vigil = NIOLoopBoundBox.makeBoxSendingValue(LoopVigil(), eventLoop: eventLoop)
  }

  /// Appends a delivery; true when the loop must be woken for it.
  func append(_ delivery: Delivery, of request: RequestID, for session: SessionID) -> Bool {
    contents.withLock {
      $0.append(Letter(session: session, request: request, delivery: delivery))
      return $0.count == 1
    }
  }

  /// The loop, which calls this, has asked the broker for something that may come at once.
  func expect() { vigil.value.begin(on: eventLoop.assumeIsolated()) }

  /// Has the loop empty the mailbox in a turn of its own.
  func wake() { eventLoop.execute { self.drain() } }

  private func drain() {
    vigil.value.newsCame()
    let letters = contents.withLock { contents in
      defer { contents = [] }
      return contents
    }
    let sessions = tools.value.sessions
    var touched: Set<SessionID> = []
    for letter in letters {
      guard let session = sessions[letter.session] else { continue }
      touched.insert(letter.session)
      session.received(letter.delivery, of: letter.request)
    }
    for id in touched { sessions[id]?.finishTurn() }
  }
}

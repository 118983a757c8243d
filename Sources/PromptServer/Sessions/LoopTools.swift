import JSON
import PromptCore
import PromptProtocol

/// Who gets replies from the broker. Called on its own event loop only.
protocol ReplyReceiver: AnyObject {
  /// Other rules are in force.
  func rulesChanged()
  func received(_ delivery: Delivery, of request: RequestID)
  /// Everything of this turn has been received: send it.
  func finishTurn()
}

/// What the sessions of one event loop share: buffers that are used again from turn to turn.
/// Nothing here is ever touched by another thread.
final class LoopTools {
  /// Parses requests.
  let parser = JSONParser()
  /// Parses kept answers while a request is being looked at.
  let answerParser = JSONParser()
  /// What holds for the requests of this loop.
  private(set) var rules: ServingRules
  var keyMaker: KeyMaker
  /// For small pieces of JSON on their way into a reply.
  var writer = JSONWriter()
  /// Where answers are counted that go out on this loop.
  let book: AnswerBook
  /// Who is on this loop.
  var sessions: [SessionID: any ReplyReceiver] = [:]
  private var requestIDs: RequestIDs

  /// `seed` makes the request ids of this loop unlike all others.
  init(_ rules: ServingRules, book: AnswerBook, seed: (UInt64, UInt64)) {
    self.rules = rules
    self.book = book
    keyMaker = KeyMaker(vary: rules.cache.vary)
    requestIDs = RequestIDs(seed: seed)
  }

  /// Other rules are in force from now on.
  func take(_ rules: ServingRules) {
    if rules.cache.vary != self.rules.cache.vary { keyMaker = KeyMaker(vary: rules.cache.vary) }
    self.rules = rules
    for session in sessions.values { session.rulesChanged() }
  }

  /// A name for the next job.
  func nextJobID(_ now: Moment) -> JobID {
    requestIDs.nextJob(milliseconds: UInt64(max(0, now.wall)))
  }

  /// A name for the next request.
  func nextRequestID(_ now: Moment) -> RequestID {
    requestIDs.next(milliseconds: UInt64(max(0, now.wall)))
  }
}

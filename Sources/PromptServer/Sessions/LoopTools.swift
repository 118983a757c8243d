import JSON
import NIOCore
import PromptCore
import PromptProtocol

/// Who gets replies from the broker. Called on its own event loop only.
protocol ReplyReceiver: AnyObject {
  /// Other rules are in force.
  func rulesChanged()
  func received(_ delivery: Delivery, of request: RequestID)
  /// Everything of this turn has been received: send it.
  func finishTurn()
  /// A while has gone by since something was sent: see whether the client takes it.
  func watchRest()
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
  /// Bodies that were answered from memory on this loop, under the rules that are in force.
  var memo: BodyMemo
  /// Where answers are counted that go out on this loop.
  let book: AnswerBook
  /// What the last hit of this loop ended in.
  var hitEnd = HitEnd()
  /// Who is on this loop.
  var sessions: [SessionID: any ReplyReceiver] = [:]
  private var requestIDs: RequestIDs

  /// Sessions that have sent something since the last look at what their clients take.
  private var sent: [SessionID] = []
  private let memoLimit: Int
  private let memoSeed: UInt64

  /// `seed` makes the request ids of this loop unlike all others; bodies that are known may take
  /// `memoLimit` bytes.
  init(_ rules: ServingRules, book: AnswerBook, memoLimit: Int, seed: (UInt64, UInt64)) {
    self.rules = rules
    self.book = book
    self.memoLimit = memoLimit
    memoSeed = seed.0 ^ seed.1
    memo = BodyMemo(limit: memoLimit, seed: memoSeed)
    keyMaker = KeyMaker(vary: rules.cache.vary)
    requestIDs = RequestIDs(seed: seed)
  }

  /// Other rules are in force from now on.
  func take(_ rules: ServingRules) {
    if rules.cache.vary != self.rules.cache.vary { keyMaker = KeyMaker(vary: rules.cache.vary) }
    self.rules = rules
    memo = BodyMemo(limit: memoLimit, seed: memoSeed)
    for session in sessions.values { session.rulesChanged() }
  }

  /// How long after something was sent it is looked at whether the client takes it: asking the channel
  /// each time would cost as much as finding a hit. A tenth of the least `write_timeout`.
  private static let pause = TimeAmount.milliseconds(100)

  /// A session has sent something, for the first time since it was asked to look.
  func noteSent(_ session: SessionID, on loop: any EventLoop) {
    sent.append(session)
    guard sent.count == 1 else { return }
    loop.assumeIsolated().scheduleTask(in: Self.pause) { [weak self] in self?.watchRests() }
  }

  private func watchRests() {
    let all = sent
    sent = []
    for session in all { sessions[session]?.watchRest() }
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

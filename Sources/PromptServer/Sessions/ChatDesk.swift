import JSON
import PromptCore
import PromptProtocol

/// Takes a chat body to its answer in memory, or to the broker. The one way in for all dialects.
struct ChatDesk: Sendable {
  /// What became of a body.
  enum Verdict {
    case hit(Hit)
    /// The reply comes through the mailbox.
    case asked(RequestID, Form)
  }

  /// How the caller wants the reply.
  struct Form {
    var streams: Bool
    var includesUsage: Bool
  }

  let broker: Broker
  let memory: AnswerMemory
  let log: CallLog
  /// Has what was counted looked at by and by.
  let activity: Throttle

  /// Answers a body that has been answered from memory before, byte for byte, without parsing it; nil
  /// where that cannot be. Costs no allocation but its reply's, no lock but memory's and the loop's own
  /// book's, and stays in this turn of the event loop.
  func answer(
    _ body: UnsafeRawBufferPointer, at place: BodyMemo.Place, from caller: Caller,
    isFull: @autoclosure () -> Bool, tools: LoopTools, now: Moment
  ) -> Hit? {
    guard caller.models == nil, let known = tools.memo.find(body, at: place), !isFull(),
      let hit = find(known, tools.nextRequestID(now), for: caller, tools, now)
    else { return nil }
    caller.record.countRequest()
    activity.ask()
    return hit
  }

  /// Takes a body that `tools.parser` parsed; `defaults` hold where its own member `promptd` says
  /// nothing, and past `isFull` nothing more may wait for this caller; `isJob` was checked when it was
  /// submitted, and is told what happens to it. What is answered from memory is noted at `place`.
  func take(
    _ root: JSONValue, from caller: Caller, by route: Route, isFull: @autoclosure () -> Bool,
    defaults: RequestOptions = RequestOptions(), isJob: Bool = false,
    noted place: BodyMemo.Place? = nil, tools: LoopTools, now: Moment
  ) throws(WireError) -> Verdict {
    let id = tools.nextRequestID(now)
    let rules = tools.rules
    caller.record.countRequest()
    activity.ask()
    do throws(WireError) {
      // Hits too: their replies would wait like all others.
      if isFull() { throw BufferAccount.refusal }
      let body = try ChatBody(root, rules: rules.body, defaults: defaults)
      if body.options.idempotencyKey != nil, !isJob { throw RequestOptions.idempotencyFault }
      try caller.checkModel(of: body)
      let known = KnownBody(
        body, keys: try tools.keyMaker.keys(for: body, namespace: caller.namespace),
        rules.cache.control(body.options.cache, isSeeded: body.seed != nil))
      if let hit = find(known, id, for: caller, tools, now) {
        if let place { tools.memo.insert(root.raw, at: place, known) }
        return .hit(hit)
      }
      var options = body.options
      if isJob { options.events = true }
      broker.ask(
        ChatRequest(
          id: id, keys: known.keys, model: body.model.string ?? "", client: caller.policy.name,
          asker: caller.asker, account: caller.account,
          priority: caller.policy.granted(body.options.priority), control: known.control,
          options: options, streams: known.streams, includesUsage: known.includesUsage,
          body: Self.upstreamBody(body), size: RequestSize(body), storage: StorageRule(body.root),
          canonical: canonical(tools), mayBeKept: broker.mayHold(known.keys), arrived: now),
        by: route)
      route.mailbox.expect()
      return .asked(id, Form(known))
    } catch {
      var error = error
      error.info.request = id
      error.info.client = caller.policy.name
      throw error
    }
  }

  /// The answer in memory that serves a body, counted.
  private func find(
    _ known: KnownBody, _ id: RequestID, for caller: Caller, _ tools: LoopTools, _ now: Moment
  ) -> Hit? {
    let rules = tools.rules
    guard let (answer, mustNote) = memory.find(known.keys, now: now.wall),
      answer.serves(known.control, maxAge: known.maxAge, now: now.wall),
      rules.origins.serve(answer)
    else { return nil }
    caller.record.countHit()
    if mustNote { broker.noteUse(known.keys, now: now) }
    let hit = Hit(
      answer: answer, known: known, caller: caller, request: id,
      priority: caller.policy.granted(known.priority), upstream: rules.origins.name(of: answer),
      now: now.wall)
    tools.book.note(hit)
    if rules.logsAnswers { log.note(answer, hit.info, to: caller.asker) }
    return hit
  }

  /// Counts an error that goes out.
  func countError(of caller: Caller) {
    caller.record.countError()
    activity.ask()
  }

  /// Counts an answer that came through the mailbox.
  func count(_ answer: CachedAnswer, _ info: ReplyInfo, to caller: Caller, _ tools: LoopTools) {
    if info.cache == .hit { caller.record.countLaterHit() }
    tools.book.note(answer, info)
    activity.ask()
    switch info.cache {
    case .hit, .joined, .stale:
      if tools.rules.logsAnswers { log.note(answer, info, to: caller.asker) }
    case .miss, .refreshed, .bypassed, nil: break  // the call has an entry
    }
  }

  /// The caller's own bytes without `promptd`, and with `stream_options` asking for the usage
  /// where a stream would come without it.
  static func upstreamBody(_ body: ChatBody) -> [UInt8] {
    guard body.stream, !body.includesUsage else {
      return JSONSplice.edit(body.root, removing: { $0.isString("promptd") }, adding: [])
    }
    let options =
      body.streamOptions.map {
        JSONSplice.edit(
          $0, removing: { $0.isString("include_usage") }, adding: [("include_usage", "true")])
      } ?? Array(#"{"include_usage":true}"#.utf8)
    return JSONSplice.edit(
      body.root, removing: { $0.isString("promptd") || $0.isString("stream_options") },
      adding: [("stream_options", String(decoding: options, as: UTF8.self))])
  }

  private func canonical(_ tools: LoopTools) -> [UInt8]? {
    guard tools.rules.cache.keepRequests else { return nil }
    return KeyMaker.kept(
      key: tools.keyMaker.canonicalKey, variant: tools.keyMaker.canonicalVariant)
  }
}

extension ChatDesk.Form {
  /// As a body says it.
  init(_ known: KnownBody) {
    self.init(streams: known.streams, includesUsage: known.includesUsage)
  }
}

import NIOCore
import PromptCore
import PromptProtocol
import SQLiteStore
import Synchronization

/// Does what `BrokerState` decides: one lock around the value, and a mailbox for each thread that
/// has something to do.
///
/// Under the lock each action is appended to the mailbox of its target, so that nothing is
/// reordered between two decisions; whatever takes time happens after the lock is released.
final class Broker: Sendable {
  private struct Contents {
    var state: BrokerState
    var routes: [RequestID: Route] = [:]
  }

  /// What remains to be done once the lock is released.
  private struct Errands {
    var mailboxes: [LoopMailbox] = []
    var questions: [(FlightID, CacheKeys)] = []
    var records: [CallRecord] = []
    var answers: [CachedAnswer] = []
    var changes: [(String, UpstreamChange)] = []
    var wake: MonotonicTime?
  }

  private let contents: Mutex<Contents>
  /// What is done at the end of the curl thread's turn, once for many answers. Who does something else
  /// in the meantime does it at once.
  private struct Rest {
    var mailboxes: [LoopMailbox] = []
    var records: [CallRecord] = []
    var didAnything = false
  }

  private let rest = Mutex(Rest())
  private let memory: AnswerMemory
  private let store: SQLiteAnswerStore
  private let calls: UpstreamCalls
  private let alarm: Alarm
  /// Told of each call that is over before its client is: who asks what it has used finds it there.
  private let counted: @Sendable (CallRecord) -> Void
  /// Told of each call that is over, when its client has been.
  private let noted: @Sendable (CallRecord) -> Void
  private let upstreamChanged: @Sendable (String, UpstreamChange) -> Void
  /// Called after every change, for whoever waits for the end or shows the state.
  private let changed: @Sendable () -> Void

  /// A broker without anything under way.
  init(
    _ state: BrokerState, calls: UpstreamCalls, memory: AnswerMemory,
    store: SQLiteAnswerStore, timer: any EventLoop,
    counted: @escaping @Sendable (CallRecord) -> Void,
    noted: @escaping @Sendable (CallRecord) -> Void,
    upstreamChanged: @escaping @Sendable (String, UpstreamChange) -> Void,
    changed: @escaping @Sendable () -> Void
  ) {
    contents = Mutex(Contents(state: state))
    self.calls = calls
    self.memory = memory
    self.store = store
    alarm = Alarm(on: timer)
    self.counted = counted
    self.noted = noted
    self.upstreamChanged = upstreamChanged
    self.changed = changed
  }

  // MARK: What happens

  /// A client is going to ask, under these terms of the so-manieth rules.
  func admit(_ terms: ClientTerms, rules number: Int) -> ClientID {
    var client = ClientID(rawValue: 0)
    perform { contents in
      let (admitted, actions) = contents.state.admit(
        terms, rules: number, now: SystemClock.now)
      client = admitted
      return actions
    }
    return client
  }

  /// Whether an answer may be on disk, or one in memory that is not fresh.
  func mayHold(_ keys: CacheKeys) -> Bool {
    store.mayHold(key: keys.key, variant: keys.variant) || memory.peek(keys) != nil
  }

  /// A request came that memory could not answer. Its replies go to `route`.
  func ask(_ request: ChatRequest, by route: Route) {
    perform { contents in
      contents.routes[request.id] = route
      // Its flight may have ended since memory was asked: answers are kept before flights go.
      if let answer = memory.peek(request.keys),
        answer.serves(request.control, maxAge: request.options.maxAge, now: request.arrived.wall),
        contents.state.origins.serve(answer)
      {
        return [contents.state.answeredFromMemory(request, answer)]
      }
      return contents.state.arrived(request)
    }
  }

  /// The client of a request is gone.
  func giveUp(_ request: RequestID) {
    perform { contents in
      contents.routes[request] = nil
      return contents.state.left(request, now: SystemClock.now)
    }
  }

  /// Cancels a request; its client is told. False when it is not under way.
  func cancel(_ request: RequestID) -> Bool {
    perform { $0.state.cancelled(request, now: SystemClock.now) }
  }

  /// Cancels a request for somebody; throws `forbidden` when it is another user's.
  func cancel(_ request: RequestID, by caller: Caller) throws(WireError) -> Bool {
    guard try isUnderWay(request, for: caller) else { return false }
    return cancel(request)
  }

  /// Gives a request another class; false when it does not wait. Throws `forbidden` when it is
  /// another user's.
  func move(
    _ request: RequestID, to priority: PriorityClass, by caller: Caller
  ) throws(WireError) -> Bool {
    guard try isUnderWay(request, for: caller) else { return false }
    var isMoved = false
    perform { contents in
      let actions = contents.state.moved(request, to: priority, now: SystemClock.now)
      isMoved = actions != nil
      return actions ?? []
    }
    return isMoved
  }

  private func isUnderWay(_ request: RequestID, for caller: Caller) throws(WireError) -> Bool {
    let owner = contents.withLock { $0.routes[request]?.owner }
    guard let owner else { return false }
    guard owner == caller.owner || caller.policy.admin else {
      throw WireError(.forbidden, "this request is another user's; administrators may do that")
    }
    return true
  }

  /// Stops an upstream, or without a name all of them, from starting calls, or lets it again.
  /// Returns the names of those that this changed, nil where there is none of this name, and of
  /// all that are paused now.
  func pause(_ name: String?, _ isPaused: Bool) -> (changed: [String]?, paused: [String]) {
    var changed: [String]? = name == nil ? [] : nil
    var paused: [String] = []
    perform { contents in
      var actions: [BrokerAction] = []
      for index in contents.state.order {
        let lane = contents.state.lanes[index]
        guard name == nil || lane.policy.name == name else { continue }
        let isNews =
          lane.isPaused != isPaused || (!isPaused && lane.isHeldBack(now: SystemClock.now))
        changed = (changed ?? []) + (isNews ? [lane.policy.name] : [])
        actions += contents.state.paused(index, isPaused, now: SystemClock.now)
      }
      paused = contents.state.order.map { contents.state.lanes[$0] }.filter(\.isPaused)
        .map(\.policy.name)
      return actions
    }
    if changed?.isEmpty == false { self.changed() }
    return (changed, paused)
  }

  /// Something came of a flight's call; `turned` is called when all has been told that came with it.
  func happened(_ news: CallReaders.News, in flight: FlightID) {
    let now = SystemClock.now
    switch news {
    case .firstByte:
      perform(isOfTurn: true) {
        $0.state.firstByteCame(flight, now: now)
        return []
      }
    case .chunks(let chunks):
      // At once: a stream that comes fast keeps the turn going.
      perform { $0.state.chunksCame(flight, chunks) }
    case .ended(let last, let outcome):
      perform(isOfTurn: true) {
        $0.state.chunksCame(flight, last) + $0.state.callEnded(flight, outcome, now: now)
      }
    }
  }

  /// All that came of calls at once has been told.
  func turned() {
    let rest = rest.withLock { rest in
      defer { rest = Rest() }
      return rest
    }
    for mailbox in rest.mailboxes { mailbox.wake() }
    for record in rest.records { noted(record) }
    if rest.didAnything { changed() }
  }

  /// Whatever time it is: what is due is done, and the next time named anew. So an alarm that is set
  /// late, since that happens after the lock is released, costs a look and loses nothing.
  private func timeCame() { perform { $0.state.ticked(now: SystemClock.now) } }

  /// Takes over a new configuration of upstreams and rules; returns the lanes of the upstreams, and
  /// whose answers may be served.
  func reconfigure(
    _ upstreams: [Upstream], rules: BrokerState.Rules
  ) -> (lanes: [Int], origins: Origins) {
    var result: (lanes: [Int], origins: Origins) = ([], look(\.origins))
    perform { contents in
      let (lanes, actions) = contents.state.reconfigured(
        upstreams.map { .init(policy: $0.policy, origin: $0.origin) }, rules: rules,
        now: SystemClock.now)
      // Before anything is called in a new lane.
      calls.reconfigure(Dictionary(uniqueKeysWithValues: zip(lanes, upstreams)))
      result = (lanes, contents.state.origins)
      return actions
    }
    changed()
    return result
  }

  // MARK: Stopping

  /// Takes no more requests: what has no slot is answered, what runs may finish.
  func stop() { perform { $0.state.stopping(now: SystemClock.now) } }

  /// Gives up what still runs.
  func abandon() { perform { $0.state.stopped(now: SystemClock.now) } }

  // MARK: Looking in

  /// Lends the state as it is.
  func look<Result>(_ body: (BrokerState) -> Result) -> Result {
    contents.withLock { body($0.state) }
  }

  // MARK: Doing

  /// One event: decided under the lock, put into mailboxes under the lock, done after it. True
  /// when there was anything to do. Where it `isOfTurn`, `turned` is called soon after.
  @discardableResult
  private func perform(
    isOfTurn: Bool = false, _ event: (inout Contents) -> [BrokerAction]
  ) -> Bool {
    var errands = Errands()
    let didAnything = contents.withLock { contents in
      let wall = SystemClock.now.wall
      if !contents.state.accounts.day.contains(wall) {
        contents.state.dayBegan(SystemClock.day(at: wall))
      }
      let actions = event(&contents)
      for action in actions { dispatch(action, &contents, &errands) }
      return !actions.isEmpty
    }
    // Before anybody is told: whoever asks again finds it, also what memory does not take.
    for answer in errands.answers { store.enqueue(StoredAnswer(answer)) }
    for record in errands.records { counted(record) }
    for (flight, keys) in errands.questions { lookUp(flight, keys) }
    rest.withLock { rest in
      rest.mailboxes += errands.mailboxes
      rest.records += errands.records
      rest.didAnything = rest.didAnything || didAnything
    }
    if !isOfTurn { turned() }
    for (name, change) in errands.changes { upstreamChanged(name, change) }
    if let wake = errands.wake { alarm.set(wake) { [weak self] in self?.timeCame() } }
    return didAnything
  }

  private func dispatch(
    _ action: BrokerAction, _ contents: inout Contents, _ errands: inout Errands
  ) {
    switch action {
    case .lookUp(let flight, let keys): errands.questions.append((flight, keys))
    case .start(let flight, let lane, let body, let expectation):
      calls.start(flight, lane: lane, body: body, expectation)
    case .abort(let flight): calls.abort(flight)
    case .began(let request, let info):
      send(.began(info), of: request, contents.routes[request], &errands)
    case .chunks(let request, let chunks):
      send(.chunks(chunks), of: request, contents.routes[request], &errands)
    case .event(let request, let event):
      send(.event(event), of: request, contents.routes[request], &errands)
    case .reply(let request, let reply):
      send(.reply(reply), of: request, contents.routes.removeValue(forKey: request), &errands)
    case .keep(let answer, let onDisk):
      memory.insert(answer, now: SystemClock.now.wall)
      if onDisk { errands.answers.append(answer) }
    case .promote(let answer): memory.promote(answer, now: SystemClock.now)
    case .wake(let time): errands.wake = errands.wake.map { min($0, time) } ?? time
    case .note(let record): errands.records.append(record)
    case .upstream(let name, let change): errands.changes.append((name, change))
    }
  }

  private func send(
    _ delivery: Delivery, of request: RequestID, _ route: Route?, _ errands: inout Errands
  ) {
    guard let route else { return }
    if route.mailbox.append(delivery, of: request, for: route.session) {
      errands.mailboxes.append(route.mailbox)
    }
  }

  /// Asks the disk tier. Whatever is wrong with it is a miss: a cache fault fails no request.
  private func lookUp(_ flight: FlightID, _ keys: CacheKeys) {
    store.read(key: keys.key, variant: keys.variant) { [self] stored in
      if stored != nil {
        store.noteUse(key: keys.key, variant: keys.variant, at: SystemClock.now.wall)
      }
      // Memory may hold one that is not fresh, and may be all that there is.
      found(stored.map(CachedAnswer.init) ?? memory.peek(keys), for: flight)
    }
  }

  /// An answer from memory was served, and the disk has not been told for long: it evicts what nobody
  /// uses.
  func noteUse(_ keys: CacheKeys, now: Moment) {
    store.noteUse(key: keys.key, variant: keys.variant, at: now.wall)
  }

  private func found(_ answer: CachedAnswer?, for flight: FlightID) {
    perform { $0.state.diskAnswered(flight, answer, now: SystemClock.now) }
  }
}

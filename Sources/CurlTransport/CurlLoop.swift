import CCurl

/// What the curl thread runs: all calls, on libcurl's multi handle over epoll, until it is told to
/// stop. Everything here belongs to that thread.
final class CurlLoop {
  private let mailbox: Mailbox
  private let poller: Poller
  private let multi: MultiHandle
  private let alarm = Alarm()
  private let userAgent: String
  private let events: (CallID, CallEvent) -> Void
  /// Called when a turn has brought all its events.
  private let turned: () -> Void
  private var calls: [CallID: ActiveCall] = [:]
  /// Whose transfer an easy handle is, for libcurl names the handle.
  private var ids: [UnsafeMutableRawPointer: CallID] = [:]
  /// How often `renew` was asked for.
  private var generation = 0
  /// Handles for later calls, which know the TLS sessions of their earlier ones; the last used last.
  private var idle: [EasyHandle] = []

  /// More idle handles than this are freed; each takes a few KiB.
  private static let idleLimit = 64

  /// Throws `.internalFault` when libcurl or the kernel has no memory or no descriptor.
  init(
    mailbox: Mailbox, userAgent: String, events: @escaping @Sendable (CallID, CallEvent) -> Void,
    turned: @escaping @Sendable () -> Void
  ) throws(CallFailure) {
    self.mailbox = mailbox
    self.userAgent = userAgent
    self.events = events
    self.turned = turned
    poller = try Poller()
    multi = try MultiHandle(poller: poller)
    poller.watch(mailbox.descriptor, for: EPOLLIN.rawValue)
  }

  /// Turns until a stop comes, which gives up all calls with nothing said, or until something
  /// fails that no call can go on after, which ends them all.
  func run() {
    defer { turned() }
    do throws(CallFailure) {
      while try turn() {}
      for call in calls.values { try remove(call) }
      _ = mailbox.shut(fault: nil)
    } catch {
      fail(error)
    }
  }

  /// Waits until something happens and deals with it; false after a stop.
  private func turn() throws(CallFailure) -> Bool {
    mailbox.turned()
    for ready in try poller.wait(until: nextMoment) {
      if ready.descriptor == mailbox.descriptor {
        for command in mailbox.drain() {
          guard try perform(command) else { return false }
        }
      } else {
        try multi.became(ready)
      }
    }
    if let timer = multi.timer, SuspendingClock.now >= timer { try multi.timeRanOut() }
    while let done = multi.nextDone() {
      guard let call = ids[done.easy].flatMap({ calls[$0] }) else { continue }
      try end(call, call.end(for: done.code))
    }
    try endExpired()
    turned()
    return true
  }

  private var nextMoment: SuspendingClock.Instant? {
    [multi.timer, alarm.moment].compactMap(\.self).min()
  }

  /// False for a stop.
  private func perform(_ command: Mailbox.Command) throws(CallFailure) -> Bool {
    switch command {
    case .start(let request): try start(request)
    case .cancel(let id): if let call = calls[id] { try remove(call) }
    case .renew:
      generation += 1
      idle.removeAll()
    case .stop: return false
    }
    return true
  }

  private func start(_ request: CallRequest) throws(CallFailure) {
    // libcurl must not go on with a call that nobody holds.
    if let earlier = calls[request.id] { try remove(earlier) }
    let call: ActiveCall
    do throws(CallFailure) {
      let setup = CallSetup(request)
      let easy = try takeHandle(for: setup)
      if !easy.isReady(for: setup) {
        try easy.prepare(for: setup, userAgent: userAgent)
        easy.generation = generation
        try multi.watchClosing(of: easy)
      }
      call = try ActiveCall(request, easy: easy, alarm: alarm, events: events)
    } catch {
      return events(request.id, .ended(.failed(error)))
    }
    calls[call.id] = call
    ids[call.easy.pointer] = call.id
    try multi.add(call.easy)
    poller.expect()
  }

  /// One that is ready, if there is one.
  private func takeHandle(for setup: CallSetup) throws(CallFailure) -> EasyHandle {
    if let ready = idle.lastIndex(where: { $0.isReady(for: setup) }) {
      return idle.remove(at: ready)
    }
    // The one that was not used for longest.
    return try idle.isEmpty ? EasyHandle() : idle.removeFirst()
  }

  private func remove(_ call: ActiveCall) throws(CallFailure) {
    try multi.remove(call.easy)
    calls[call.id] = nil
    ids[call.easy.pointer] = nil
    call.easy.release()
    if idle.count < Self.idleLimit, call.easy.generation == generation { idle.append(call.easy) }
  }

  private func end(_ call: ActiveCall, _ end: CallEnd) throws(CallFailure) {
    try remove(call)
    events(call.id, .ended(end))
    // Whoever gets the answer may ask for the next.
    poller.expect()
  }

  /// Goes by the moment until which everything has been read: this thread may have been late, not the
  /// upstream.
  private func endExpired() throws(CallFailure) {
    let now = poller.toldUntil
    guard let moment = alarm.moment, now >= moment else { return }
    alarm.clear()
    for call in calls.values {
      if let clock = call.expiredClock(at: now) {
        try end(call, .failed(call.failure(of: clock)))
      } else {
        call.setAlarm()
      }
    }
  }

  /// Whoever started something learns that nothing will come of it.
  private func fail(_ failure: CallFailure) {
    let unread = mailbox.shut(fault: failure.message)
    for id in calls.keys { events(id, .ended(.failed(failure))) }
    for case .start(let request) in unread { events(request.id, .ended(.failed(failure))) }
  }
}

import CCurl
import Glibc

/// What the curl thread runs: libcurl's multi handle over epoll, until it is told to stop.
///
/// Everything here belongs to that thread. libcurl gets an unretained pointer to the loop for its
/// socket and timer callbacks, which it calls inside functions of the multi handle only; the
/// handle is cleaned up in `deinit`, while the loop is still there.
final class CurlLoop {
  private let multi: UnsafeMutableRawPointer
  private let poller: Poller
  private let mailbox: Mailbox
  private let alarm = Alarm()
  private let events: (CallID, CallEvent) -> Void
  private let userAgent: String
  private var calls: [CallID: ActiveCall] = [:]
  private var ids: [UnsafeMutableRawPointer: CallID] = [:]
  /// Handles for later calls: each knows the TLS sessions of its hosts.
  private var idle: [EasyHandle] = []
  /// When libcurl wants to be called without anything having happened; nil for never.
  private var timer: SuspendingClock.Instant?
  /// What a callback met, which cannot throw through libcurl.
  private var callbackFault: CallFailure?
  private var isStopping = false

  /// More handles than this are freed after use.
  private static let idleLimit = 64
  /// Connections that wait for their next call: enough for every slot of a busy machine.
  private static let connectionLimit = 256

  /// Throws `.internalFault` when libcurl or the kernel has no memory.
  init(
    mailbox: Mailbox, userAgent: String, events: @escaping (CallID, CallEvent) -> Void
  ) throws(CallFailure) {
    guard let multi = curl_multi_init() else {
      throw CallFailure(
        kind: .internalFault, message: "libcurl gave no multi handle. Restart promptd.")
    }
    self.multi = multi
    self.mailbox = mailbox
    self.userAgent = userAgent
    self.events = events
    poller = try Poller()
    try poller.watch(mailbox.descriptor, for: EPOLLIN.rawValue)
    try attach()
  }

  deinit { curl_multi_cleanup(multi) }

  private func attach() throws(CallFailure) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    let codes = [
      curl_shim_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, context),
      curl_shim_multi_set_socket_callback(multi, loopWatches),
      curl_shim_multi_set_pointer(multi, CURLMOPT_TIMERDATA, context),
      curl_shim_multi_set_timer_callback(multi, loopSetsTimer),
      curl_shim_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.connectionLimit),
    ]
    for code in codes { try check("curl_multi_setopt", code) }
  }

  /// Turns until a stop is taken from the mailbox; throws what the loop cannot go on after.
  func run() throws(CallFailure) {
    while !isStopping {
      mailbox.turned()
      for ready in try poller.wait(until: nextMoment) {
        if ready.descriptor == mailbox.descriptor {
          for command in mailbox.drain() { try perform(command) }
        } else {
          try act(ready.descriptor, Self.selection(ready.events))
        }
      }
      if let timer, SuspendingClock.now >= timer {
        self.timer = nil
        try act(CURL_SOCKET_TIMEOUT, 0)
      }
      try ringAlarm()
    }
  }

  /// Ends what is still under way, with nothing said: the transport stops.
  func close() throws(CallFailure) {
    for call in calls.values { try remove(call) }
  }

  /// Ends every call with this failure: the loop cannot go on.
  func fail(_ failure: CallFailure) {
    for id in calls.keys { events(id, .ended(.failed(failure))) }
  }

  private var nextMoment: SuspendingClock.Instant? {
    guard let moment = alarm.moment else { return timer }
    return timer.map { min($0, moment) } ?? moment
  }

  private func perform(_ command: Mailbox.Command) throws(CallFailure) {
    switch command {
    case .start(let request): try start(request)
    case .cancel(let id):
      guard let call = calls[id] else { return }
      try remove(call)
    case .stop: isStopping = true
    }
  }

  private func start(_ request: CallRequest) throws(CallFailure) {
    let easy: EasyHandle
    let call: ActiveCall
    do throws(CallFailure) {
      easy = try takeHandle()
      call = try ActiveCall(
        request, easy: easy, userAgent: userAgent, alarm: alarm, events: events)
    } catch {
      return events(request.id, .ended(.failed(error)))
    }
    calls[request.id] = call
    ids[easy.pointer] = request.id
    try check("curl_multi_add_handle", curl_multi_add_handle(multi, easy.pointer))
  }

  private func takeHandle() throws(CallFailure) -> EasyHandle {
    if let handle = idle.popLast() { return handle }
    return try EasyHandle()
  }

  /// Takes a call out of libcurl, which closes its connection unless the answer came whole.
  private func remove(_ call: ActiveCall) throws(CallFailure) {
    calls[call.id] = nil
    ids[call.easy.pointer] = nil
    try check("curl_multi_remove_handle", curl_multi_remove_handle(multi, call.easy.pointer))
    call.easy.reset()
    if idle.count < Self.idleLimit { idle.append(call.easy) }
  }

  private func end(_ call: ActiveCall, _ end: CallEnd) throws(CallFailure) {
    try remove(call)
    events(call.id, .ended(end))
  }

  /// Tells libcurl what a socket is ready for, and ends the calls that this completes.
  private func act(_ descriptor: Int32, _ selection: Int32) throws(CallFailure) {
    var running: Int32 = 0
    let code = curl_multi_socket_action(multi, descriptor, selection, &running)
    try check("curl_multi_socket_action", code)
    if let callbackFault { throw callbackFault }
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
        let call = ids[easy].flatMap({ calls[$0] })
      else { continue }
      // The end is worked out before the removal, which takes the handle's answer away.
      try end(call, call.end(for: message.pointee.data.result))
    }
  }

  private func ringAlarm() throws(CallFailure) {
    let now = SuspendingClock.now
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

  private static func selection(_ events: UInt32) -> Int32 {
    var selection: Int32 = 0
    if events & EPOLLIN.rawValue != 0 { selection |= CURL_CSELECT_IN }
    if events & EPOLLOUT.rawValue != 0 { selection |= CURL_CSELECT_OUT }
    if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { selection |= CURL_CSELECT_ERR }
    return selection
  }

  private func check(_ function: String, _ code: CURLMcode) throws(CallFailure) {
    guard code == CURLM_OK else { throw .multi(function, code) }
  }

  // MARK: What libcurl calls

  fileprivate func watch(_ descriptor: Int32, _ what: Int32) -> Int32 {
    do throws(CallFailure) {
      switch what {
      case CURL_POLL_IN: try poller.watch(descriptor, for: EPOLLIN.rawValue)
      case CURL_POLL_OUT: try poller.watch(descriptor, for: EPOLLOUT.rawValue)
      case CURL_POLL_INOUT:
        try poller.watch(descriptor, for: EPOLLIN.rawValue | EPOLLOUT.rawValue)
      default: try poller.forget(descriptor)
      }
      return 0
    } catch {
      callbackFault = error
      return -1
    }
  }

  fileprivate func setTimer(_ milliseconds: Int) {
    timer = milliseconds < 0 ? nil : SuspendingClock.now.advanced(by: .milliseconds(milliseconds))
  }
}

/// CURLMOPT_SOCKETFUNCTION.
private func loopWatches(
  _: UnsafeMutableRawPointer?, descriptor: curl_socket_t, what: Int32,
  context: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?
) -> Int32 {
  guard let context else { return -1 }
  return Unmanaged<CurlLoop>.fromOpaque(context).takeUnretainedValue().watch(descriptor, what)
}

/// CURLMOPT_TIMERFUNCTION; libcurl must not be called from here.
private func loopSetsTimer(
  _: UnsafeMutableRawPointer?, milliseconds: Int, context: UnsafeMutableRawPointer?
) -> Int32 {
  guard let context else { return -1 }
  Unmanaged<CurlLoop>.fromOpaque(context).takeUnretainedValue().setTimer(milliseconds)
  return 0
}

import CCurl
import Glibc

/// libcurl's set of the transfers under way, which says through epoll and a timer when it wants to
/// be called.
///
/// libcurl holds an unretained pointer to it for the two callbacks, which it calls inside functions
/// of the multi handle only; `deinit` takes the callbacks away before the last of them.
final class MultiHandle {
  /// A transfer that is over, and libcurl's word on how.
  struct Done {
    var easy: UnsafeMutableRawPointer
    var code: CURLcode
  }

  /// When libcurl wants `timeRanOut` to be called; nil for never.
  private(set) var timer: SuspendingClock.Instant?
  private let pointer: UnsafeMutableRawPointer
  private let poller: Poller

  /// How many connections stay open for a next call: one for each of many slots.
  private static let connectionLimit = 256

  /// Throws `.internalFault` when libcurl has no memory.
  init(poller: Poller) throws(CallFailure) {
    guard let pointer = curl_multi_init() else {
      throw CallFailure(
        kind: .internalFault, message: "libcurl gave no multi handle. Restart promptd.")
    }
    self.pointer = pointer
    self.poller = poller
    try attach()
  }

  deinit {
    // The clean-up closes connections and would tell a poller that nobody asks any more.
    curl_shim_multi_set_socket_callback(pointer, nil)
    curl_shim_multi_set_timer_callback(pointer, nil)
    curl_multi_cleanup(pointer)
  }

  private func attach() throws(CallFailure) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    let codes = [
      curl_shim_multi_set_pointer(pointer, CURLMOPT_SOCKETDATA, context),
      curl_shim_multi_set_socket_callback(pointer, multiWatches),
      curl_shim_multi_set_pointer(pointer, CURLMOPT_TIMERDATA, context),
      curl_shim_multi_set_timer_callback(pointer, multiSetsTimer),
      curl_shim_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, Self.connectionLimit),
    ]
    for code in codes { try check("curl_multi_setopt", code) }
  }

  /// Has the connections that a transfer makes tell the poller of their end; they may outlive the
  /// transfer, but not this.
  func watchClosing(of easy: EasyHandle) throws(CallFailure) {
    try easy.set(
      CURLOPT_CLOSESOCKETDATA,
      pointer: UnsafeRawPointer(Unmanaged.passUnretained(poller).toOpaque()))
    try easy.set(closeCallback: socketCloses)
  }

  /// Takes a configured transfer in; it begins when the timer, which this sets, has run out.
  func add(_ easy: EasyHandle) throws(CallFailure) {
    try check("curl_multi_add_handle", curl_multi_add_handle(pointer, easy.pointer))
  }

  /// Takes a transfer out; one that is not over loses its connection, or its stream in HTTP/2.
  func remove(_ easy: EasyHandle) throws(CallFailure) {
    try check("curl_multi_remove_handle", curl_multi_remove_handle(pointer, easy.pointer))
  }

  /// Goes on with the transfers of a socket that is ready. One that libcurl has closed since the
  /// wait is no fault.
  func became(_ ready: Poller.Readiness) throws(CallFailure) {
    var selection: Int32 = 0
    if ready.events & EPOLLIN.rawValue != 0 { selection |= CURL_CSELECT_IN }
    if ready.events & EPOLLOUT.rawValue != 0 { selection |= CURL_CSELECT_OUT }
    if ready.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 {
      selection |= CURL_CSELECT_ERR
    }
    try act(ready.descriptor, selection)
  }

  /// Goes on with the transfers that waited for `timer`.
  func timeRanOut() throws(CallFailure) {
    timer = nil
    try act(CURL_SOCKET_TIMEOUT, 0)
  }

  /// The next transfer that is over; it stays in the set until it is removed.
  func nextDone() -> Done? {
    var left: Int32 = 0
    while let message = curl_multi_info_read(pointer, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else {
        continue
      }
      return Done(easy: easy, code: message.pointee.data.result)
    }
    return nil
  }

  private func act(_ descriptor: Int32, _ selection: Int32) throws(CallFailure) {
    var running: Int32 = 0
    let code = curl_multi_socket_action(pointer, descriptor, selection, &running)
    try check("curl_multi_socket_action", code)
  }

  private func check(_ function: String, _ code: CURLMcode) throws(CallFailure) {
    guard code == CURLM_OK else { throw .multi(function, code) }
  }

  // MARK: What libcurl calls

  fileprivate func watch(_ descriptor: Int32, _ what: Int32) {
    switch what {
    case CURL_POLL_IN: poller.watch(descriptor, for: EPOLLIN.rawValue)
    case CURL_POLL_OUT: poller.watch(descriptor, for: EPOLLOUT.rawValue)
    case CURL_POLL_INOUT: poller.watch(descriptor, for: EPOLLIN.rawValue | EPOLLOUT.rawValue)
    default: poller.forget(descriptor)
    }
  }

  fileprivate func setTimer(_ milliseconds: Int) {
    timer = milliseconds < 0 ? nil : .now.advanced(by: .milliseconds(milliseconds))
  }
}

/// CURLMOPT_SOCKETFUNCTION.
private func multiWatches(
  _: UnsafeMutableRawPointer?, descriptor: curl_socket_t, what: Int32,
  context: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?
) -> Int32 {
  guard let context else { return -1 }
  Unmanaged<MultiHandle>.fromOpaque(context).takeUnretainedValue().watch(descriptor, what)
  return 0
}

/// CURLOPT_CLOSESOCKETFUNCTION.
private func socketCloses(context: UnsafeMutableRawPointer?, descriptor: curl_socket_t) -> Int32 {
  if let context { Unmanaged<Poller>.fromOpaque(context).takeUnretainedValue().closing(descriptor) }
  return close(descriptor)
}

/// CURLMOPT_TIMERFUNCTION, from which libcurl must not be called.
private func multiSetsTimer(
  _: UnsafeMutableRawPointer?, milliseconds: Int, context: UnsafeMutableRawPointer?
) -> Int32 {
  guard let context else { return -1 }
  Unmanaged<MultiHandle>.fromOpaque(context).takeUnretainedValue().setTimer(milliseconds)
  return 0
}

import CCurl

/// Calls to upstreams over HTTP, all of them on one thread.
///
/// Each call that was started brings its events in their order, the last of them `.ended`. A call
/// that was cancelled, or that `stop` found, brings no more events once the thread has taken notice,
/// not even `.ended`; those that happened before may still be on their way to the caller.
package final class CurlTransport: Sendable {
  private let mailbox: Mailbox
  private let thread: LoopThread

  /// Starts the thread, which `events` is called on and must not block. Many calls may bring something
  /// in one turn of it: `turned` is called after the last of these events.
  ///
  /// Throws `.internalFault` when libcurl or the kernel refuses what it takes.
  package init(
    userAgent: String = "promptd", turned: @escaping @Sendable () -> Void = {},
    events: @escaping @Sendable (CallID, CallEvent) -> Void
  ) throws(CallFailure) {
    guard Self.isInitialised else {
      throw CallFailure(
        kind: .internalFault, message: "libcurl could not be initialised. Restart promptd.")
    }
    mailbox = try Mailbox()
    thread = try LoopThread(
      running: CurlLoop(mailbox: mailbox, userAgent: userAgent, events: events, turned: turned))
  }

  /// The thread ends by itself, for the last reference may go away on it.
  deinit { mailbox.post(.stop) }

  /// Begins a call; all that comes of it, a bad request too, comes as events. A call under way
  /// with the same id is cancelled.
  package func start(_ request: CallRequest) { mailbox.post(.start(request)) }

  /// Gives a call up and closes its connection, or its stream in HTTP/2; never overtakes the
  /// `start` before it. An id that is unknown or over is no fault.
  package func cancel(_ call: CallID) { mailbox.post(.cancel(call)) }

  /// Has no handle keep the addresses and keys of earlier calls, beyond calls that are under way.
  package func renew() { mailbox.post(.renew) }

  /// Gives up every call and returns when the thread has ended, after which no event comes and
  /// nothing starts. It must not be called from an event.
  package func stop() {
    mailbox.post(.stop)
    thread.join()
  }

  /// Why the thread had to end, or nil while it can go on; it has then ended every call.
  package var fault: String? { mailbox.fault }

  /// How often the thread has turned, so that a watchdog sees it does.
  package var turns: UInt64 { mailbox.turns }

  /// Makes the thread turn once.
  package func poke() { mailbox.wake() }

  /// libcurl's initialisation, once in the life of the process (curl_global_init(3)).
  private static let isInitialised = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK
}

import CCurl
import Glibc
import Synchronization

/// Calls to upstreams over HTTP, all on one thread of their own.
///
/// Events come on that thread, in the order in which they happen: those of a call that was
/// started end with one `.ended`, unless the call was cancelled, after which nothing more comes.
package final class CurlTransport: Sendable {
  private let mailbox: Mailbox
  private let thread = Mutex<pthread_t?>(nil)

  /// Starts the thread; throws `.internalFault` when there is none to be had.
  package init(
    userAgent: String = "promptd", events: @escaping @Sendable (CallID, CallEvent) -> Void
  ) throws(CallFailure) {
    guard Self.isInitialised else {
      throw CallFailure(
        kind: .internalFault, message: "libcurl could not be initialised. Restart promptd.")
    }
    mailbox = try Mailbox()
    let job = Job(mailbox: mailbox, userAgent: userAgent, events: events)
    var id = pthread_t()
    let code = pthread_create(
      &id, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Job>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(job).toOpaque())
    guard code == 0 else { throw .system("pthread_create", code) }
    thread.withLock { $0 = id }
  }

  /// Begins a call; what comes of it is told as events.
  package func start(_ request: CallRequest) { mailbox.post(.start(request)) }

  /// Gives a call up: its connection is closed, and it says nothing more. One that is unknown or
  /// over is no fault.
  package func cancel(_ call: CallID) { mailbox.post(.cancel(call)) }

  /// Gives up every call and returns when the thread has ended. It must not be called from an
  /// event.
  package func stop() {
    mailbox.post(.stop)
    let id = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    if let id { pthread_join(id, nil) }
  }

  /// Why the thread had to end, or nil while it can go on.
  package var fault: String? { mailbox.fault }

  /// How often the thread has turned: a watchdog sees that it does.
  package var turns: UInt64 { mailbox.turns }

  /// Makes the thread turn once.
  package func poke() { mailbox.wake() }

  /// libcurl's one-time initialisation, which must happen before a second thread uses it.
  private static let isInitialised = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

  /// What the thread does.
  private final class Job {
    private let mailbox: Mailbox
    private let userAgent: String
    private let events: @Sendable (CallID, CallEvent) -> Void

    init(
      mailbox: Mailbox, userAgent: String, events: @escaping @Sendable (CallID, CallEvent) -> Void
    ) {
      self.mailbox = mailbox
      self.userAgent = userAgent
      self.events = events
    }

    func run() {
      var loop: CurlLoop?
      do throws(CallFailure) {
        let running = try CurlLoop(mailbox: mailbox, userAgent: userAgent, events: events)
        loop = running
        try running.run()
        _ = mailbox.shut(fault: nil)
        try running.close()
      } catch {
        // Whoever started something learns that it will never end by itself.
        let late = mailbox.shut(fault: error.message)
        loop?.fail(error)
        for case .start(let request) in late { events(request.id, .ended(.failed(error))) }
      }
    }
  }
}

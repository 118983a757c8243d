import Dispatch
import Glibc

/// SIGTERM and SIGINT as endings of the daemon.
package enum StopSignals {
  /// Keeps the two from ending the process. Must be called before there is a second thread, for
  /// threads inherit what is blocked (pthread_sigmask(3)).
  package static func block() {
    var set = signals
    pthread_sigmask(SIG_BLOCK, &set, nil)
    // Under systemd it would be a request to reload; a new configuration needs a restart.
    signal(SIGHUP, SIG_IGN)
    // A client that goes away is an error of write(2), not the end of the daemon.
    signal(SIGPIPE, SIG_IGN)
  }

  /// The endings that the signals ask for, from a thread that waits for them.
  package static func endings() -> AsyncStream<Daemon.Ending> {
    AsyncStream { continuation in
      let thread = DispatchQueue(label: "promptd.signals")
      thread.async {
        var set = signals
        var number: Int32 = 0
        while sigwait(&set, &number) == 0 {
          continuation.yield(.asked(number == SIGINT ? "SIGINT" : "SIGTERM"))
        }
      }
    }
  }

  private static var signals: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    sigaddset(&set, SIGINT)
    return set
  }
}

import Dispatch
import Glibc

/// SIGTERM and SIGINT as endings of the daemon, and SIGHUP as a wish to read the configuration again.
package enum StopSignals {
  /// What the signals ask for, as they come.
  package struct Wishes: Sendable {
    package var endings: AsyncStream<Daemon.Ending>
    package var reloads: AsyncStream<Void>
  }

  /// Keeps them from ending the process. Must be called before there is a second thread, for
  /// threads inherit what is blocked (pthread_sigmask(3)).
  package static func block() {
    var set = signals
    pthread_sigmask(SIG_BLOCK, &set, nil)
    // A client that goes away is an error of write(2), not the end of the daemon.
    signal(SIGPIPE, SIG_IGN)
  }

  /// What the signals ask for, from a thread that waits for them.
  package static func wishes() -> Wishes {
    let (endings, end) = AsyncStream<Daemon.Ending>.makeStream()
    // Two at once are as good as one.
    let (reloads, reload) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    DispatchQueue(label: "promptd.signals").async {
      var set = signals
      var number: Int32 = 0
      while sigwait(&set, &number) == 0 {
        switch number {
        case SIGHUP: reload.yield()
        case SIGINT: end.yield(.asked("SIGINT"))
        default: end.yield(.asked("SIGTERM"))
        }
      }
    }
    return Wishes(endings: endings, reloads: reloads)
  }

  private static var signals: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, number) }
    return set
  }
}

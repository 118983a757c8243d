import Dispatch
import Glibc

/// What happens on SIGINT, SIGTERM and SIGHUP: the workspace is closed, and the process ends.
package enum Interruption {
  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  /// Has it so from now on; called before any other thread is started, since each inherits which
  /// signals are blocked.
  package static func close(_ workspace: Workspace) {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
    DispatchQueue(label: "promptd.bench.interruption").async { [set] in
      var signal: Int32 = 0
      var waitedFor = set
      sigwait(&waitedFor, &signal)
      // Within, so that the main thread, whose peers are gone, waits and has no error to tell.
      workspace.close { exit(128 + signal) }
    }
  }
}
